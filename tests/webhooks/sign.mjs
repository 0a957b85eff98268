// Signs bodies with GitHub's own library: reads [{secret, body}] and writes their signatures.
import { sign } from "@octokit/webhooks-methods";
let given = "";
for await (const piece of process.stdin) given += piece;
const signed = [];
for (const { secret, body } of JSON.parse(given)) signed.push(await sign(secret, body));
process.stdout.write(JSON.stringify(signed));
