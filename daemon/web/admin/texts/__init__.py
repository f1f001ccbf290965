"""The section of the texts: their list, the editor with its preview, revisions, and who must agree."""
