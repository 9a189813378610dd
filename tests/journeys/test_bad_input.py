"""What the readers are shown that opens nothing: each gets clear words, and nothing moves."""

from tests.journeys.story import Story

FOREIGN = "E2801160600000000000EEEE"
WORDS_BY_CODE = {
    "een boodschappenlijst": "code-unreadable",
    "GZ1:AAAAAAAAAAAAAAAAB": "code-unreadable",  # its check character is wrong
    "GZ1:AAAAAAAAAAAAAAAAA": "code-wrong",  # well formed, and nobody's
}


def test_what_is_no_code_of_ours_opens_nothing(story: Story) -> None:
    before = sum(story.wall.pulses(number) for number in range(1, 10))
    for text, why in WORDS_BY_CODE.items():
        story.kiosk.shows(qr=text)
        story.kiosk.refuses(why)

    story.kiosk.begins()
    story.kiosk.does("go", "return")
    story.kiosk.sees("return-present")
    story.wall.hold_tag(FOREIGN)
    story.kiosk.refuses("tag-unknown")

    assert sum(story.wall.pulses(number) for number in range(1, 10)) == before
