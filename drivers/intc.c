// SPDX-License-Identifier: GPL-2.0-only
/*
 * The endpoint's interrupt controller: level lines with a mask each. A line that
 * is up and not masked is delivered from a timer in hard interrupt context, again
 * and again until it is low; one that stays up for dwsim_storm_limit deliveries
 * is reported as stuck and given up, so that a lost acknowledge ends a run
 * instead of hanging it. Does not include priorities or affinity.
 */
#include <linux/interrupt.h>
#include <linux/irq.h>

#include "dwsim.h"

/* Deliveries in one go, before the rest of the CPU gets a turn */
#define DWSIM_LINE_BATCH	32

/* Caller holds intc->lock */
static bool dwsim_line_due(const struct dwsim_line *line)
{
	return line->level && !line->masked && !line->stuck;
}

static void dwsim_line_kick(struct dwsim_line *line)
{
	if (dwsim_line_due(line))
		hrtimer_start(&line->timer, 0, HRTIMER_MODE_REL_HARD);
}

static bool dwsim_line_claim(struct dwsim_line *line)
{
	guard(raw_spinlock)(&line->sim->intc.lock);

	if (!dwsim_line_due(line))
		return false;

	if (++line->storm <= dwsim_storm_limit)
		return true;

	line->stuck = true;
	dev_err(line->sim->dev, "line stuck: interrupt %u still up after %u deliveries\n",
		line->hwirq, dwsim_storm_limit);

	return false;
}

static enum hrtimer_restart dwsim_line_deliver(struct hrtimer *timer)
{
	struct dwsim_line *line = container_of(timer, struct dwsim_line, timer);
	unsigned int i;

	for (i = 0; i < DWSIM_LINE_BATCH; i++) {
		if (!dwsim_line_claim(line))
			return HRTIMER_NORESTART;
		generic_handle_domain_irq(line->sim->intc.domain, line->hwirq);
	}

	/* Not HRTIMER_RESTART: the unmask of the last one may have queued it */
	hrtimer_start(timer, NSEC_PER_USEC, HRTIMER_MODE_REL_HARD);

	return HRTIMER_NORESTART;
}

/**
 * dwsim_line_set() - drive an interrupt line
 * @sim: the endpoint
 * @hwirq: number of the line
 * @level: up or down
 *
 * Context: any; delivers nothing before it returns.
 */
void dwsim_line_set(struct dwsim *sim, unsigned int hwirq, bool level)
{
	struct dwsim_line *line = &sim->intc.line[hwirq];

	guard(raw_spinlock_irqsave)(&sim->intc.lock);

	if (!level)
		line->storm = 0;
	if (line->level == level)
		return;
	line->level = level;
	dwsim_line_kick(line);
}

static void dwsim_intc_mask(struct irq_data *d)
{
	struct dwsim_line *line = irq_data_get_irq_chip_data(d);

	guard(raw_spinlock_irqsave)(&line->sim->intc.lock);
	line->masked = true;
}

static void dwsim_intc_unmask(struct irq_data *d)
{
	struct dwsim_line *line = irq_data_get_irq_chip_data(d);

	guard(raw_spinlock_irqsave)(&line->sim->intc.lock);
	line->masked = false;
	dwsim_line_kick(line);
}

static struct irq_chip dwsim_intc_chip = {
	.name = "dwsim",
	.irq_mask = dwsim_intc_mask,
	.irq_unmask = dwsim_intc_unmask,
};

static int dwsim_intc_map(struct irq_domain *domain, unsigned int virq,
			  irq_hw_number_t hwirq)
{
	struct dwsim *sim = domain->host_data;

	irq_set_chip_data(virq, &sim->intc.line[hwirq]);
	irq_set_chip_and_handler(virq, &dwsim_intc_chip, handle_level_irq);
	irq_set_status_flags(virq, IRQ_LEVEL);

	return 0;
}

static const struct irq_domain_ops dwsim_intc_ops = {
	.map = dwsim_intc_map,
	.xlate = irq_domain_xlate_onecell,
};

int dwsim_intc_init(struct dwsim *sim)
{
	struct dwsim_intc *intc = &sim->intc;
	unsigned int i;

	raw_spin_lock_init(&intc->lock);
	for (i = 0; i < DWSIM_MAX_LINES; i++) {
		struct dwsim_line *line = &intc->line[i];

		line->sim = sim;
		line->hwirq = i;
		line->masked = true;
		hrtimer_setup(&line->timer, dwsim_line_deliver, CLOCK_MONOTONIC,
			      HRTIMER_MODE_REL_HARD);
	}

	intc->domain = irq_domain_create_linear(dev_fwnode(sim->dev), DWSIM_MAX_LINES,
						&dwsim_intc_ops, sim);

	return intc->domain ? 0 : -ENOMEM;
}
