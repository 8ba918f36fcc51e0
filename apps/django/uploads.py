"""How files arrive."""

from django.core.files.uploadhandler import TemporaryFileUploadHandler


class NamelessFileUploadHandler(TemporaryFileUploadHandler):
    """Django's own, which would end its file's name with whatever extension the client gives.

    One of 250 characters is more than a file system takes.
    """

    def new_file(self, field_name, file_name, *args, **kwargs):
        super().new_file(field_name, "upload", *args, **kwargs)
