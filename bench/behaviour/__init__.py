"""The behaviour atlas: what does each framework do when nobody told it what to do?"""
