"""Static facts about the code of each app, and which of its lines ran."""
