"""How does one request travel, from the server to the handler to the larder and back?"""
