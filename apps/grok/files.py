"""Folders of files, served by Zope's file resources: types, validators, conditional replies."""

from grokcore.view.components import DirectoryResource, DirectoryResourceFactory
from zope.component import provideAdapter
from zope.interface import Interface
from zope.publisher.interfaces import NotFound
from zope.publisher.interfaces.browser import IDefaultBrowserLayer
from zope.security.checker import NamesChecker

PUBLIC = NamesChecker(("GET", "HEAD", "publishTraverse", "browserDefault", "request", "__call__"))


class Folder(DirectoryResource):
    """A folder without hidden files and without a page; Zope's folder has an empty page."""

    forbidden_names = (".*",)

    def browserDefault(self, request):
        raise NotFound(self.context, self.__name__, request)


class FolderFactory(DirectoryResourceFactory):
    factoryClass = Folder


Folder.directory_factory = FolderFactory


def provide_folder(path, name):
    """Register a folder as grok.DirectoryResource does, for a folder known only at start."""
    factory = FolderFactory(str(path), PUBLIC, name)
    provideAdapter(factory, (IDefaultBrowserLayer,), Interface, name)
