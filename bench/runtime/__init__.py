"""Starting, watching, switching and ending the processes that serve a site."""
