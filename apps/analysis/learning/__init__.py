"""Where models are fitted, measured, loaded and asked, and the stages that a system goes through."""
