"""Read a page as a strict reader would: every element closed in order, every id once, every reference known."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset({"meta", "link", "br", "img", "hr", "input", "col", "base", "source", "wbr"})
_REFERENCES = frozenset({"src", "href", "action", "data", "poster", "srcset", "formaction", "background", "ping"})


@dataclass
class Page:
    """What was found in a page."""

    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    texts: dict[str, list[str]] = field(default_factory=dict)

    def all(self, name: str) -> list[dict[str, str]]:
        """Give the attributes of all elements of a name."""
        return [attributes for element, attributes in self.elements if element == name]

    @property
    def ids(self) -> list[str]:
        """All ids, in order."""
        return [attributes["id"] for _, attributes in self.elements if "id" in attributes]

    @property
    def references(self) -> list[str]:
        """Everything that an attribute refers to."""
        return [value for _, attributes in self.elements for name, value in attributes.items() if name in _REFERENCES]

    def text_of(self, name: str) -> str:
        """Give all text within elements of a name."""
        return " ".join(self.texts.get(name, ()))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice: {names}"
        self.page.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1] == tag, f"</{tag}> closes <{self.open[-1]}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        for name in self.open:
            self.page.texts.setdefault(name, []).append(data)


def read_page(html: str) -> Page:
    """Read a page; fail where it is not well-formed."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == [], f"not closed: {reader.open}"
    return reader.page
