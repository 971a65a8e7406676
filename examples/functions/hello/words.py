"""How a greeting is put together."""


def sentence(greeting, name):
    return f"{greeting}, {name}!"
