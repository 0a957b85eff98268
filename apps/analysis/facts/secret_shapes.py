"""The shapes of credentials that their issuers document, as gitleaks and secret-scanning services look for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from apps.analysis.expressions import expression

if TYPE_CHECKING:
    import re


class Shape(msgspec.Struct, frozen=True):
    """`hint` is found by one pass over all bytes; `pattern` looks at its line and decides. Group 1 is the credential.

    A hint is short: each process that looks for credentials compiles them all. It is words, one of which a credential
    of this shape always stands beside; `(?i)` says that their case does not matter.
    """

    name: str
    hint: bytes
    pattern: re.Pattern[str]
    words: tuple[str, ...]

    def is_hinted_in(self, text: str, low: str) -> bool:
        """Whether `pattern` may find anything in `text`, which is `low` in lower case."""
        searched = low if self.hint.startswith(_ANY_CASE) else text
        return any(word in searched for word in self.words)


_ANY_CASE = b"(?i)"


def _shape(name: str, hint: bytes, pattern: str) -> Shape:
    words = hint.removeprefix(_ANY_CASE).decode().replace("\\", "").split("|")
    return Shape(name, hint, expression(pattern), tuple(words))


_END = r"(?![A-Za-z0-9_-])"
SHAPES = (
    _shape("AWS access key", rb"AKIA", r"(AKIA[A-Z2-7]{16})(?![A-Za-z0-9])"),
    _shape("AWS access key", rb"ASIA", r"(?<!X-Amz-Credential=)(ASIA[A-Z2-7]{16})(?![A-Za-z0-9])"),
    _shape("AWS secret key", rb"(?i)secret", r"(?i:aws.{0,20}secret.{0,24})[=:]\s*\\?['\"]?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])"),
    _shape("GitHub token", rb"ghp_|gho_|ghu_|ghs_|ghr_", r"(gh[pousr]_[A-Za-z0-9]{36,255})" + _END),
    _shape("GitHub token", rb"github_pat_", r"(github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})" + _END),
    _shape("GitLab token", rb"glpat-", r"(glpat-[A-Za-z0-9_-]{20,})" + _END),
    _shape("GitLab runner token", rb"glrt-", r"(glrt-[A-Za-z0-9_-]{20,})" + _END),
    _shape("Google API key", rb"AIza", r"(AIza[A-Za-z0-9_-]{35})" + _END),
    _shape("Google OAuth secret", rb"GOCSPX-", r"(GOCSPX-[A-Za-z0-9_-]{28})" + _END),
    _shape("Google OAuth token", rb"ya29\.", r"(ya29\.[A-Za-z0-9_-]{60,})" + _END),
    _shape("OpenAI key", rb"T3BlbkFJ", r"(sk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{20,}T3BlbkFJ[A-Za-z0-9_-]{20,})" + _END),
    _shape("OpenAI key", rb"sk-", r"(?<![A-Za-z0-9])(sk-[A-Za-z0-9]{48})" + _END),
    _shape("Anthropic key", rb"sk-ant-", r"(sk-ant-[a-z0-9]+-[A-Za-z0-9_-]{80,})" + _END),
    _shape("Hugging Face token", rb"hf_", r"(?<![A-Za-z0-9_])(hf_[A-Za-z]{34})" + _END),
    _shape("Hugging Face token", rb"api_org_", r"(api_org_[A-Za-z]{34})" + _END),
    _shape("Groq key", rb"gsk_", r"(gsk_[A-Za-z0-9]{52})" + _END),
    _shape("Kaggle key", rb"username", r"\\?['\"]username\\?['\"]\s?:\s?\\?['\"][\w.-]{1,60}\\?['\"]\s?,\s?\\?['\"]key\\?['\"]\s?:\s?\\?['\"]([a-f0-9]{32})(?![A-Za-z0-9])"),
    _shape("Kaggle key", rb"KAGGLE_KEY", r"KAGGLE_KEY\\?['\"]?\]?\s?[=:,]\s?\\?['\"]?([a-f0-9]{32})(?![A-Za-z0-9])"),
    _shape("Replicate token", rb"r8_", r"(?<![A-Za-z0-9])(r8_[A-Za-z0-9]{37})" + _END),
    _shape("Pinecone key", rb"pcsk_", r"(pcsk_[A-Za-z0-9]{4,6}_[A-Za-z0-9]{50,})" + _END),
    _shape("LangSmith key", rb"lsv2_", r"(lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10})" + _END),
    _shape("Tavily key", rb"tvly-", r"(tvly-(?:dev-)?[A-Za-z0-9]{32})" + _END),
    _shape("Langfuse key", rb"sk-lf-", r"(sk-lf-[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12})" + _END),
    _shape("OpenRouter key", rb"sk-or-v1-", r"(sk-or-v1-[a-f0-9]{64})" + _END),
    _shape("DeepSeek key", rb"sk-", r"(?<![A-Za-z0-9_-])(sk-[a-f0-9]{32})" + _END),
    _shape("xAI key", rb"xai-", r"(?<![A-Za-z0-9_-])(xai-[A-Za-z0-9]{70,90})" + _END),
    _shape("Perplexity key", rb"pplx-", r"(pplx-[A-Za-z0-9]{48})" + _END),
    _shape("NVIDIA key", rb"nvapi-", r"(nvapi-[A-Za-z0-9_-]{60,70})" + _END),
    _shape("Fireworks key", rb"fw_", r"(?<![A-Za-z0-9_])(fw_(?=[A-Za-z]{0,23}\d)[A-Za-z0-9]{24})" + _END),
    _shape("Cerebras key", rb"csk-", r"(?<![A-Za-z0-9_-])(csk-[a-z0-9]{48})" + _END),
    _shape("Jina key", rb"jina_", r"(?<![A-Za-z0-9])(jina_(?=[A-Za-z_-]{0,20}\d)[A-Za-z0-9_-]{60})" + _END),
    _shape("LlamaCloud key", rb"llx-", r"(?<![A-Za-z0-9_-])(llx-[A-Za-z0-9]{48})" + _END),
    _shape("Firecrawl key", rb"fc-", r"(?<![A-Za-z0-9_-])(fc-[a-f0-9]{32})" + _END),
    _shape("W&B key", rb"wandb_v1_", r"(wandb_v1_(?=[A-Za-z_-]{0,20}\d)[A-Za-z0-9_-]{40,})" + _END),
    _shape("Supabase key", rb"sb_secret_", r"(sb_secret_(?=[A-Za-z_-]{0,20}\d)[A-Za-z0-9_-]{30,40})" + _END),
    _shape("RunPod key", rb"rpa_", r"(?<![A-Za-z0-9_])(rpa_[A-Z0-9]{40}[a-z0-9]{4,8})" + _END),
    _shape("E2B key", rb"e2b_", r"(?<![A-Za-z0-9])(e2b_[a-f0-9]{40})" + _END),
    _shape("Neon key", rb"napi_", r"(napi_[a-z0-9]{64})" + _END),
    _shape("Pulumi token", rb"pul-", r"(?<![A-Za-z0-9_-])(pul-[a-f0-9]{40})" + _END),
    _shape("Sentry token", rb"sntrys_|sntryu_", r"(sntry(?:s_[A-Za-z0-9+/=_]{80,}|u_[a-f0-9]{64}))(?![A-Za-z0-9_-])"),
    _shape("Notion token", rb"ntn_", r"(?<![A-Za-z0-9_])(ntn_\d{11}[A-Za-z0-9]{35})" + _END),
    _shape("Figma token", rb"figd_", r"(figd_[A-Za-z0-9_-]{40})" + _END),
    _shape("Shopify token", rb"shpat_|shpss_|shpca_|shppa_", r"(shp(?:at|ss|ca|pa)_[a-fA-F0-9]{32})" + _END),
    _shape("age key", rb"AGE-SECRET-KEY-1", r"(AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58})" + _END),
    _shape("Databricks token", rb"dapi", r"(?<![A-Za-z0-9])(dapi[a-f0-9]{32}(?:-\d)?)" + _END),
    _shape("Slack token", rb"xoxa-|xoxb-|xoxp-|xoxo-|xoxs-|xoxr-", r"(xox[abposr]-(?:\d+-)*[0-9A-Za-z-]{20,})" + _END),
    _shape("Slack webhook", rb"hooks\.slack\.com/services/T", r"hooks\.slack\.com/services/(T[A-Z0-9]{7,}/B[A-Z0-9]{7,}/[A-Za-z0-9]{20,})"),
    _shape("Discord webhook", rb"/api/webhooks/", r"discord(?:app)?\.com/api/webhooks/(\d{17,20}/[A-Za-z0-9_-]{60,})"),
    _shape("Teams webhook", rb"webhook\.office\.com/webhookb2/", r"webhook\.office\.com/webhookb2/([\w-]{36}@[\w-]{36}/IncomingWebhook/\w{32}/[\w-]{36})"),
    _shape("Stripe key", rb"k_live_", r"([rs]k_live_[A-Za-z0-9]{20,})" + _END),
    _shape("private key", rb"PRIVATE KEY-----", r"(-----BEGIN (?:RSA |EC |DSA |OPENSSH |ENCRYPTED )?PRIVATE KEY-----)(?=\s*(?:\\+n|\n)[A-Za-z0-9+/=\\\s:,-]{64})"),
    _shape("PGP private key", rb"PGP PRIVATE KEY BLOCK-----", r"(-----BEGIN PGP PRIVATE KEY BLOCK-----)(?=\s*(?:\\+n|\n))"),
    _shape("Azure storage key", rb"AccountKey=", r"AccountKey=([A-Za-z0-9+/]{86}==)"),
    _shape("Azure service bus key", rb"SharedAccessKey=", r"SharedAccessKey=([A-Za-z0-9+/]{43}=)"),
    _shape("Azure SAS", rb"sv=20", r"[?&]sv=\d{4}-\d\d-\d\d&\S{0,200}[?&]?sig=([A-Za-z0-9%+/]{40,})"),
    _shape("SendGrid key", rb"SG\.", r"(?<![A-Za-z0-9])(SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43})" + _END),
    _shape("Telegram token", rb":AA", r"(?<!\d)(\d{8,10}:AA[A-Za-z0-9_-]{33})" + _END),
    _shape("Twilio key", rb"(?i)twilio", r"(?i:twilio[^\n]{0,60})(?<![A-Za-z0-9])((?:SK|AC)[a-f0-9]{32})" + _END),
    _shape("npm token", rb"npm_", r"(npm_[A-Za-z0-9]{36})" + _END),
    _shape("PyPI token", rb"pypi-AgEIcHlwaS5vcmc", r"(pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,})" + _END),
    _shape("Docker Hub token", rb"dckr_pat_", r"(dckr_pat_[A-Za-z0-9_-]{27})" + _END),
    _shape("DigitalOcean token", rb"dop_v1_", r"(dop_v1_[a-f0-9]{64})" + _END),
    _shape("Vault token", rb"hvs\.", r"(hvs\.[A-Za-z0-9_-]{90,})" + _END),
    _shape("Mailgun key", rb"(?i)mailgun", r"(?i:mailgun[^\n]{0,60})(?<![A-Za-z0-9])(key-[a-f0-9]{32})" + _END),
    _shape("Doppler token", rb"dp\.pt\.", r"(dp\.pt\.[A-Za-z0-9]{43})" + _END),
    _shape("Grafana token", rb"glsa_", r"(glsa_[A-Za-z0-9]{32}_[a-f0-9]{8})" + _END),
    _shape("Linear key", rb"lin_api_", r"(lin_api_[A-Za-z0-9]{40})" + _END),
    _shape("Postman key", rb"PMAK-", r"(PMAK-[a-f0-9]{24}-[a-f0-9]{34})" + _END),
    _shape("Prefect key", rb"pnu_|pnb_", r"(?<![A-Za-z0-9])(pn[ub]_[A-Za-z0-9]{36})" + _END),
    _shape("W&B key", rb"(?i)wandb", r"(?i:wandb[^\n]{0,60}(?:key|login)[^\n]{0,16}?)\\?['\"=\s]([a-f0-9]{40})(?![A-Za-z0-9])"),
    _shape("signed web token", rb"\.eyJ", r"(?<![A-Za-z0-9_-])(eyJ[A-Za-z0-9_-]{16,}\.eyJ[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{20,})" + _END),
)  # fmt: skip
