"""One module a page; each is imported when its page is first shown."""
