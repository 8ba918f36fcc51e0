"""The pages of the report: each module builds the pages of one section."""
