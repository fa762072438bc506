// SPDX-License-Identifier: GPL-2.0-only
/*
 * An endpoint controller that consists of ops which log, and whose driver can be
 * unbound by sysfs, which the DesignWare platform glue cannot. Its remove() tells no
 * function. And a function driver that logs, pci_epf_fake, which binds to any interface.
 *
 * Parameters: init, write 1 or 0: the controller is initialized or deinitialized;
 * delay, ms that an event takes in pci_epf_fake.
 */
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/pci-epc.h>
#include <linux/pci-epf.h>
#include <linux/platform_device.h>

static struct pci_epc *fake_epc;
static int delay;
module_param(delay, int, 0644);

static const struct pci_epc_features *fake_get_features(struct pci_epc *epc, u8 func_no,
							u8 vfunc_no)
{
	return epc_get_drvdata(epc);
}

static int fake_set_bar(struct pci_epc *epc, u8 func_no, u8 vfunc_no, struct pci_epf_bar *bar)
{
	pr_info("fake-epc: set_bar %d\n", bar->barno);
	return 0;
}

static void fake_clear_bar(struct pci_epc *epc, u8 func_no, u8 vfunc_no, struct pci_epf_bar *bar)
{
	pr_info("fake-epc: clear_bar %d\n", bar->barno);
}

static int fake_raise_irq(struct pci_epc *epc, u8 func_no, u8 vfunc_no, unsigned int type,
			  u16 number)
{
	pr_info("fake-epc: interrupt %u\n", number);
	return 0;
}

static const struct pci_epc_ops fake_epc_ops = {
	.get_features = fake_get_features,
	.set_bar = fake_set_bar,
	.clear_bar = fake_clear_bar,
	.raise_irq = fake_raise_irq,
};

static int fake_probe(struct platform_device *pdev)
{
	struct pci_epc_features *features;
	struct pci_epc *epc;
	int ret;

	ret = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));
	if (ret)
		return ret;

	features = devm_kzalloc(&pdev->dev, sizeof(*features), GFP_KERNEL);
	if (!features)
		return -ENOMEM;

	features->msi_capable = true;
	epc = devm_pci_epc_create(&pdev->dev, &fake_epc_ops);
	if (IS_ERR(epc))
		return PTR_ERR(epc);

	epc_set_drvdata(epc, features);
	epc->max_functions = 4;
	fake_epc = epc;
	pci_epc_init_notify(epc);

	return 0;
}

static void fake_remove(struct platform_device *pdev)
{
	fake_epc = NULL;
}

static struct platform_driver fake_driver = {
	.probe = fake_probe,
	.remove = fake_remove,
	.driver.name = "fake-epc",
};

static int fake_init_set(const char *val, const struct kernel_param *kp)
{
	bool on;

	if (kstrtobool(val, &on) || !fake_epc)
		return -EINVAL;

	if (on)
		pci_epc_init_notify(fake_epc);
	else
		pci_epc_deinit_notify(fake_epc);

	return 0;
}

static const struct kernel_param_ops fake_init_ops = { .set = fake_init_set };
module_param_cb(init, &fake_init_ops, NULL, 0200);

static int fake_epf_init(struct pci_epf *epf)
{
	pr_info("fake-epf: init begins\n");
	msleep(delay);
	pr_info("fake-epf: init ends\n");
	return 0;
}

static void fake_epf_deinit(struct pci_epf *epf)
{
	pr_info("fake-epf: deinit begins\n");
	msleep(delay);
	pr_info("fake-epf: deinit ends\n");
}

static const struct pci_epc_event_ops fake_epf_events = {
	.epc_init = fake_epf_init,
	.epc_deinit = fake_epf_deinit,
};

static int fake_epf_bind(struct pci_epf *epf)
{
	pr_info("fake-epf: bind\n");
	return 0;
}

static void fake_epf_unbind(struct pci_epf *epf)
{
	pr_info("fake-epf: unbind\n");
}

static const struct pci_epf_ops fake_epf_ops = {
	.bind = fake_epf_bind,
	.unbind = fake_epf_unbind,
};

static struct pci_epf_header fake_epf_header = { .vendorid = PCI_ANY_ID, .deviceid = PCI_ANY_ID };

static int fake_epf_probe(struct pci_epf *epf, const struct pci_epf_device_id *id)
{
	epf->header = &fake_epf_header;
	epf->event_ops = &fake_epf_events;
	return 0;
}

static const struct pci_epf_device_id fake_epf_ids[] = { { .name = "pci_epf_fake" }, { } };

static struct pci_epf_driver fake_epf_driver = {
	.driver.name = "pci_epf_fake",
	.probe = fake_epf_probe,
	.id_table = fake_epf_ids,
	.ops = &fake_epf_ops,
	.owner = THIS_MODULE,
};

static struct platform_device *fake_device;

static int __init fake_init(void)
{
	int ret;

	ret = pci_epf_register_driver(&fake_epf_driver);
	if (ret)
		return ret;

	ret = platform_driver_register(&fake_driver);
	if (ret)
		goto unregister_epf;

	fake_device = platform_device_register_simple("fake-epc", PLATFORM_DEVID_NONE, NULL, 0);
	ret = PTR_ERR_OR_ZERO(fake_device);
	if (!ret)
		return 0;

	platform_driver_unregister(&fake_driver);
unregister_epf:
	pci_epf_unregister_driver(&fake_epf_driver);
	return ret;
}
module_init(fake_init);

static void __exit fake_exit(void)
{
	platform_device_unregister(fake_device);
	platform_driver_unregister(&fake_driver);
	pci_epf_unregister_driver(&fake_epf_driver);
}
module_exit(fake_exit);

MODULE_DESCRIPTION("Endpoint controller whose driver can be unbound");
MODULE_LICENSE("GPL");
