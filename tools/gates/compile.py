# SPDX-License-Identifier: GPL-2.0-only
"""Gates that compile what the series touches."""
from .common import CHECK, TOP, CCACHE, Compared, must, run
from .kernel import Kernel
from .steps import appended, checkout, planted

CORE = "drivers/pci/endpoint/pci-epc-core.c"


def unused():
    return appended(CORE, "\nint planted(void);\nint planted(void)\n{\n\tint unused;\n\n\treturn 0;\n}\n")


def broken(file, option):
    return planted("PCI: endpoint: Ask for what is never there", {file: lambda text: text.replace(
        f"config {option}\n", f"config {option}\n\tdepends on BROKEN\n")})


class Warnings(Compared):
    """W=1, and that each source which the step touches is compiled at all."""
    args = ()

    def __init__(self, compiler, title, scope):
        super().__init__()
        self.title, self.scope = f"W=1 {title}: what the series touches", scope
        self.kernel = Kernel(compiler, compiler)
        self.built = {}

    def subject(self, step):
        return step.files

    def findings(self, commit, step):
        found, self.built[commit] = self.kernel.examine(commit, step, *self.args)
        return found

    def wrong(self, step):
        return super().wrong(step) + [f"{f}: no object is made of it, see tools/testing/check.config"
                                      for f in step.sources() if f not in self.built[step.new]]

    def plants(self):
        return [(unused(), "unused variable"),
                (appended("drivers/pci/endpoint/planted.c", "int planted;\n"), "planted.c: no object"),
                (broken("drivers/pci/endpoint/Kconfig", "PCI_ENDPOINT_MSI_DOORBELL"),
                 "CONFIG_PCI_ENDPOINT_MSI_DOORBELL=y does not stand")]


class Sparse(Warnings):
    pool = "pool/main/s/sparse/sparse_0.6.5~rc1.orig.tar.gz"
    sha256 = "3ac8855ec7f3ab92f325be0f64347ccc2b10f8b4d7c2906783ee8e2bdab3f0de"

    @property
    def args(self):
        """Linux 7.0 passes over Debian's sparse 0.6.4 and then says nothing."""
        there = CHECK / "sparse"
        if not (there / "sparse").exists():
            must("rm", "-rf", there)
            there.mkdir(parents=True)
            file = must(TOP / "tools/fetch", self.pool, self.sha256).splitlines()[-1]
            must("tar", "-xzf", TOP / file, "--strip-components=1", "-C", there)
            must("make", "-C", there, "-j2", "CC=ccache gcc", "HAVE_SQLITE=no", "HAVE_GTK=no", "HAVE_LLVM=no",
                 "sparse", env=CCACHE)
        return "C=1", f"CHECK={there}/sparse"

    def plants(self):
        return [*super().plants(), (appended(
            CORE, "\nint planted(void __iomem *p);\nint planted(void __iomem *p)\n{\n\treturn *(int *)p;\n}\n"),
            "warning: cast removes address space '__iomem'")]


# What is asked for beside that, where it needs the option that is off
NO_DOORBELL = {"PCI_ENDPOINT_MSI_DOORBELL": "n", "PCI_EP_DOORBELL_KUNIT_TEST": "n", "PCI_EPF_TEST_KUNIT_TEST": "n"}
NO_EDMA = {"DW_EDMA": "n", "DW_EDMA_KUNIT_TEST": "n", "PCIE_DW_EP_KUNIT_TEST": "n"}
MODULE_EDMA = {"DW_EDMA": "m", "DW_EDMA_KUNIT_TEST": "m", "PCIE_DW_EP_KUNIT_TEST": "n"}
NO_ENDPOINT = NO_DOORBELL | {k: "n" for k in (
    "PCI_ENDPOINT", "PCI_ENDPOINT_CONFIGFS", "PCI_EPF_TEST", "PCI_EPF_VNTB", "PCIE_DW_PLAT_EP",
    "PCIE_DW_EP_KUNIT_TEST", "PCIE_ROCKCHIP_DW_EP")}
# Not KUNIT itself, which half of the kernel includes
MODULES = {k: "m" for k in ("PCI_EP_DOORBELL_KUNIT_TEST", "PCI_EPF_TEST", "PCI_EPF_TEST_KUNIT_TEST",
                            "NTB", "NTB_EPF", "NTB_TRANSPORT", "PCI_EPF_VNTB", "PCI_ENDPOINT_TEST", "DW_EDMA_KUNIT_TEST", "PCIE_DW_EP_KUNIT_TEST")}
CONFIGURATIONS = {
    "all built in": {},
    "PCI_ENDPOINT_MSI_DOORBELL=n": NO_DOORBELL,
    "DW_EDMA=n": NO_EDMA,
    "DW_EDMA=n, PCI_ENDPOINT_MSI_DOORBELL=n": NO_EDMA | NO_DOORBELL,
    "PCI_ENDPOINT=n": NO_ENDPOINT,
    "PCI_ENDPOINT=n, DW_EDMA=n": NO_ENDPOINT | NO_EDMA,
    "tests and functions as modules": MODULES,
    "DW_EDMA=m and all else too": MODULES | MODULE_EDMA,
    "DW_EDMA=m, endpoint built in": MODULE_EDMA,
}


class Configurations(Compared):
    """A kernel and its modules, linked, for each of them: an option that is off shows when linking."""
    title = f"{len(CONFIGURATIONS)} configurations of PCI_ENDPOINT, PCI_ENDPOINT_MSI_DOORBELL and DW_EDMA, linked on um"
    scope = "once"  # nine kernels to link: on each commit some two hours

    def __init__(self):
        super().__init__()
        self.kernel = Kernel("configurations", "um")
        self.chosen = None

    def findings(self, commit, step):
        found = []
        for name, settings in (self.chosen or CONFIGURATIONS).items():
            tree, dropped = self.kernel.configure(commit, **settings)
            found += [f"{name}: {x}" for x in dropped + self.kernel.complaints(tree)]
        return found

    def blind(self):
        # One of them is enough to see the faults
        self.chosen = {"all built in": {}}
        found = super().blind()
        self.chosen, self.known = None, {}
        return found

    def plants(self):
        return [(appended(CORE, "\nvoid nowhere(void);\nvoid planted(void)\n{\n\tnowhere();\n}\n"),
                 "undefined reference to .nowhere"),
                # Nothing but this one changes by it: all else would have to be made anew
                (broken("drivers/pci/endpoint/functions/Kconfig", "PCI_EPF_TEST_KUNIT_TEST"),
                 "CONFIG_PCI_EPF_TEST_KUNIT_TEST=y does not stand")]


class Selftest(Compared):
    """The host's program, with the headers of the commit."""
    title = "W=1 selftest: pci_endpoint_test without a warning"
    where = "tools/testing/selftests/pci_endpoint"

    def __init__(self):
        super().__init__()
        self.kernel = Kernel("um", "um")

    def subject(self, step):
        return [any(f.startswith((self.where, "include/uapi/")) for f in step.files)]

    def findings(self, commit, step):
        if self.subject(step) == [False]:
            return []
        tree = checkout(commit)
        out = CHECK / "obj/selftest"
        must("rm", "-rf", out)
        out.mkdir(parents=True)
        return self.kernel.complaints(tree, "headers") + self.compiled(tree, out)

    def compiled(self, tree, out):
        code, text = run("make", "-C", tree / self.where, f"OUTPUT={out}", f"top_srcdir={tree}",
                         f"KHDR_INCLUDES=-isystem {self.kernel.obj}/usr/include")
        found = [line for line in text.splitlines() if "warning:" in line or "error:" in line]
        return found or ([f"make fails: {text[-300:]}"] if code else [])

    def plants(self):
        return [(appended(self.where + "/pci_endpoint_test.c", "\nstatic int planted(void)\n{\n\treturn 0;\n}\n",
                          "selftests: Plant"), "planted.* defined but not used")]


GATES = [
    Warnings("um", "gcc, um", "commit"), Selftest(),
    Sparse("x86_64", "gcc, x86_64, and sparse", "tip"), Warnings("arm64", "gcc, arm64", "tip"),
    Warnings("clang", "clang 16, x86_64", "tip"), Configurations(),
]
