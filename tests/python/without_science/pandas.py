raise ModuleNotFoundError("A test does without it.", name=__name__)
