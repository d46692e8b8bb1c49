"""Tags the wheel: for a platform (it carries a shared library), for any Python 3 (no extension)."""

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel


class PlatformWheel(bdist_wheel):
    """A wheel named py3-none-<platform>."""

    def finalize_options(self):
        """Says that the wheel is not pure, so that it goes to platlib."""
        super().finalize_options()
        self.root_is_pure = False

    def get_tag(self):
        """The interpreter and ABI do not matter; the platform does."""
        _, _, platform = super().get_tag()
        return "py3", "none", platform


class BinaryDistribution(Distribution):
    """A distribution whose files go where platform specific packages go."""

    def has_ext_modules(self):
        """There are none, but the shared library asks for the same places."""
        return True


setup(distclass=BinaryDistribution, cmdclass={"bdist_wheel": PlatformWheel})
