"""The button that leads from a step to its rooms."""

from plain_pages import PlainPage

from mww_studio.ui.page_list import PageEntry
from mww_studio.ui.rooms_button import RoomsButton


class Samples(PlainPage):
    key = "samples"


def room(key):
    return PageEntry(key, "house", "", "", under="samples")


def made(qtbot, studio, rooms):
    page = Samples(studio, "samples")
    qtbot.addWidget(page)
    button = RoomsButton(page, rooms)
    page.actions.addWidget(button)
    return page, button


def test_without_rooms_it_is_not_there(qtbot, studio):
    page, button = made(qtbot, studio, [PageEntry("mining", "house", "", "", under="results")])
    button.set_offered(True)
    assert button.isHidden()
    assert page.isHidden()


def test_to_the_only_room_it_leads_at_once(qtbot, studio):
    page, button = made(qtbot, studio, [room("voices")])
    with qtbot.waitSignal(page.navigate) as went:
        button.click()
    assert (went.args, button.text()) == (["voices", ""], "Computer voices")


def test_of_several_the_person_chooses(qtbot, studio):
    page, button = made(qtbot, studio, [room("speakers"), room("voices")])
    button.click()
    actions = button.menu_of_rooms.actions()
    assert [action.text() for action in actions] == ["Who is speaking?", "Computer voices"]
    with qtbot.waitSignal(page.navigate) as went:
        actions[0].trigger()
    assert went.args == ["speakers", ""]
    button.menu_of_rooms.close()
