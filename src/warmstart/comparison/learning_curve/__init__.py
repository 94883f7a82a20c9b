"""The learning curve: recipes trained on parts of the training images, and what more of them would bring."""
