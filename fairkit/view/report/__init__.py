"""The report: one page, in HTML, Markdown, JSON, or as a model card, all from the same content."""
