"""Serve files by Zope's file resources, with types, validators and conditional replies."""

from grokcore.view.components import DirectoryResource, DirectoryResourceFactory
from zope.component import provideAdapter
from zope.interface import Interface
from zope.publisher.interfaces import NotFound
from zope.publisher.interfaces.browser import IDefaultBrowserLayer
from zope.security.checker import NamesChecker

PUBLIC = NamesChecker(("GET", "publishTraverse", "browserDefault", "request", "__call__", "get"))


class Folder(DirectoryResource):
    """A folder, which has no page itself."""

    def browserDefault(self, request):
        raise NotFound(self.context, self.__name__, request)


class FolderFactory(DirectoryResourceFactory):
    factoryClass = Folder


Folder.directory_factory = FolderFactory


def provide_static(folder):
    """Register a folder as grok.DirectoryResource does, for a folder known only at start."""
    factory = FolderFactory(str(folder), PUBLIC, "static")
    provideAdapter(factory, (IDefaultBrowserLayer,), Interface, "static")
