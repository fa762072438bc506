// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host: a PCI host bridge with the endpoint on its root bus, a memory window
 * for the endpoint's BARs, and one INTx line that nothing raises (the DesignWare
 * core cannot). Does not include a root port, so no link or slot registers.
 */
#include <linux/irq.h>
#include <linux/pci.h>

#include "dwsim.h"

static struct dwsim *dwsim_of_bus(struct pci_bus *bus)
{
	return *(struct dwsim **)pci_host_bridge_priv(pci_find_host_bridge(bus));
}

static bool dwsim_cfg_valid(struct dwsim *sim, struct pci_bus *bus,
			    unsigned int devfn, int where, int size)
{
	return pci_is_root_bus(bus) && !devfn && READ_ONCE(sim->host.link_up) &&
	       where + size <= DWSIM_CFG_SIZE && IS_ALIGNED(where, size);
}

static void dwsim_cfg_trace(struct dwsim *sim, int where, int size, u32 val, bool write)
{
	__le32 le = cpu_to_le32(val);
	struct dwsim_access a = { where, (u8 *)&le, size, write };

	dwsim_trace(sim, "cfg", &a, size, "dbi", where);
}

static int dwsim_cfg_read(struct pci_bus *bus, unsigned int devfn, int where,
			  int size, u32 *val)
{
	struct dwsim *sim = dwsim_of_bus(bus);

	if (!dwsim_cfg_valid(sim, bus, devfn, where, size)) {
		PCI_SET_ERROR_RESPONSE(val);
		return PCIBIOS_DEVICE_NOT_FOUND;
	}

	*val = dwsim_dbi_read(sim, where & ~3) >> (where & 3) * 8;
	*val &= GENMASK(size * 8 - 1, 0);
	dwsim_cfg_trace(sim, where, size, *val, false);

	return PCIBIOS_SUCCESSFUL;
}

static int dwsim_cfg_write(struct pci_bus *bus, unsigned int devfn, int where,
			   int size, u32 val)
{
	struct dwsim *sim = dwsim_of_bus(bus);
	unsigned int shift = (where & 3) * 8;

	if (!dwsim_cfg_valid(sim, bus, devfn, where, size))
		return PCIBIOS_DEVICE_NOT_FOUND;

	dwsim_wire_write(sim, where & ~3, val << shift,
			 GENMASK(size * 8 - 1, 0) << shift);
	dwsim_cfg_trace(sim, where, size, val, true);

	return PCIBIOS_SUCCESSFUL;
}

static struct pci_ops dwsim_cfg_ops = {
	.read = dwsim_cfg_read,
	.write = dwsim_cfg_write,
};

static int dwsim_map_irq(const struct pci_dev *pdev, u8 slot, u8 pin)
{
	return dwsim_of_bus(pdev->bus)->host.intx;
}

/**
 * dwsim_host_link() - bring the link up or down, as seen by the host
 * @sim: the endpoint
 * @up: up enumerates what is there, down removes it without asking it
 *
 * Context: process.
 * Return: 0, or -ENODEV if nothing was found.
 */
int dwsim_host_link(struct dwsim *sim, bool up)
{
	struct dwsim_host *host = &sim->host;
	struct pci_dev *pdev, *tmp;
	int ret = 0;

	WRITE_ONCE(host->link_up, up);
	dwsim_dbi_set_link(sim, up);

	pci_lock_rescan_remove();
	if (up) {
		pci_rescan_bus(host->bus);
		if (list_empty(&host->bus->devices))
			ret = -ENODEV;
	} else {
		list_for_each_entry_safe_reverse(pdev, tmp, &host->bus->devices, bus_list) {
			pdev->error_state = pci_channel_io_perm_failure;
			pci_stop_and_remove_bus_device(pdev);
		}
	}
	pci_unlock_rescan_remove();

	return ret;
}

static void dwsim_host_region(struct dwsim *sim, struct dwsim_access *a)
{
	struct dwsim_access whole = *a;

	dwsim_mmio_access(sim, &whole);
}

int dwsim_host_init(struct dwsim *sim)
{
	struct dwsim_host *host = &sim->host;
	struct pci_host_bridge *bridge;
	int ret;

	host->mmio = (struct resource)DEFINE_RES_MEM_NAMED(DWSIM_HOST_MMIO,
							   DWSIM_HOST_MMIO_SIZE,
							   "dwsim host bridge");
	host->busn = (struct resource)DEFINE_RES_NAMED(DWSIM_HOST_BUS, 1,
						       "dwsim bus", IORESOURCE_BUS);
	host->region.sim = sim;
	host->region.res = host->mmio;
	host->region.access = dwsim_host_region;
	ret = dwsim_region_add(&host->region);
	if (ret)
		return ret;

	host->intx = irq_alloc_desc(NUMA_NO_NODE);
	if (host->intx < 0)
		return host->intx;
	irq_set_chip_and_handler(host->intx, &dummy_irq_chip, handle_level_irq);

	/* Not of the node's device: its "ranges" are the endpoint's, not the host's */
	bridge = pci_alloc_host_bridge(sizeof(struct dwsim *));
	if (!bridge)
		return -ENOMEM;

	*(struct dwsim **)pci_host_bridge_priv(bridge) = sim;
	bridge->busnr = DWSIM_HOST_BUS;
	bridge->ops = &dwsim_cfg_ops;
	bridge->map_irq = dwsim_map_irq;
	pci_add_resource(&bridge->windows, &host->mmio);
	pci_add_resource(&bridge->windows, &host->busn);
	/* Goes before UML's own domain, which has 32 vectors and no multi-MSI */
	dev_set_msi_domain(&bridge->dev, sim->host_msi.domain);

	ret = pci_host_probe(bridge);
	if (ret) {
		pci_free_host_bridge(bridge);
		return ret;
	}

	host->bridge = bridge;
	host->bus = bridge->bus;

	return 0;
}
