"""Help as it is typed in the code: made fit for click without `inspect`, where that is easy."""


def cleaned(text: str) -> str:
    """Do what `inspect.cleandoc` does."""
    if "\n" in text or "\t" in text or text != text.lstrip():
        from inspect import cleandoc

        return cleandoc(text)
    return text  # one line, which every option's help is
