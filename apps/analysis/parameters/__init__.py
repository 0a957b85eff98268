"""The parameters of training and of models, and whether a run can set them."""
