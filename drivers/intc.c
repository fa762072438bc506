// SPDX-License-Identifier: GPL-2.0-only
/*
 * The endpoint's interrupt controller: level lines with a mask each. A line that
 * is up and not masked is delivered from a timer in hard interrupt context, again
 * and again until it is low; one that stays up for dwsim_storm_limit deliveries
 * is reported as stuck and given up, so that a lost acknowledge ends a run
 * instead of hanging it. It arrives where it was raised if the affinity allows,
 * else on the first CPU that does. Does not include priorities.
 */
#include <linux/interrupt.h>
#include <linux/irq.h>

#include "dwsim.h"

/* Deliveries in one go, before the rest of the CPU gets a turn */
#define DWSIM_LINE_BATCH	32

static bool dwsim_line_due(const struct dwsim_line *line)
{
	lockdep_assert_held(&line->sim->intc.lock);

	return (line->level || line->pulse) && !line->masked && !line->stuck;
}

/* The CPU that is called finds out what is still due */
static void dwsim_line_kick(struct dwsim_line *line)
{
	unsigned int cpu = smp_processor_id();

	if (!dwsim_line_due(line))
		return;

	if (!cpumask_test_cpu(cpu, &line->affinity))
		cpu = cpumask_first_and(&line->affinity, cpu_online_mask);

	if (cpu == smp_processor_id() || cpu >= nr_cpu_ids)
		hrtimer_start(&line->timer, 0, HRTIMER_MODE_REL_PINNED_HARD);
	else
		smp_call_function_single_async(cpu, &line->call);
}

/* On the CPU that a line is to arrive on */
static void dwsim_line_call(void *data)
{
	struct dwsim_line *line = data;

	hrtimer_start(&line->timer, 0, HRTIMER_MODE_REL_PINNED_HARD);
}

static bool dwsim_line_storms(struct dwsim_line *line)
{
	lockdep_assert_held(&line->sim->intc.lock);

	line->stuck = ++line->storm > dwsim_storm_limit;

	return line->stuck;
}

static bool dwsim_line_claim(struct dwsim_line *line)
{
	scoped_guard(raw_spinlock, &line->sim->intc.lock) {
		if (!dwsim_line_due(line))
			return false;
		line->pulse = false;
		if (!line->level)
			return true;
		if (!dwsim_line_storms(line))
			return true;
	}

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
		dwsim_trace_irq(line->sim, "line", line->hwirq);
		generic_handle_domain_irq(line->sim->intc.domain, line->hwirq);
	}

	/* Not HRTIMER_RESTART: the unmask of the last one may have queued it */
	hrtimer_start(timer, NSEC_PER_USEC, HRTIMER_MODE_REL_PINNED_HARD);

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
EXPORT_SYMBOL_GPL(dwsim_line_set);

/**
 * dwsim_line_pulse() - drive an interrupt line up and at once down again
 * @sim: the endpoint
 * @hwirq: number of the line
 *
 * The interrupt controller keeps a pulse that comes while the line is masked.
 *
 * Context: any; delivers nothing before it returns.
 */
void dwsim_line_pulse(struct dwsim *sim, unsigned int hwirq)
{
	struct dwsim_line *line = &sim->intc.line[hwirq];

	guard(raw_spinlock_irqsave)(&sim->intc.lock);

	line->pulse = true;
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

static int dwsim_intc_set_affinity(struct irq_data *d, const struct cpumask *mask,
				   bool force)
{
	struct dwsim_line *line = irq_data_get_irq_chip_data(d);

	if (!cpumask_intersects(mask, cpu_online_mask))
		return -EINVAL;

	guard(raw_spinlock_irqsave)(&line->sim->intc.lock);
	cpumask_copy(&line->affinity, mask);

	return IRQ_SET_MASK_OK;
}

static struct irq_chip dwsim_intc_chip = {
	.name = "dwsim",
	.irq_mask = dwsim_intc_mask,
	.irq_unmask = dwsim_intc_unmask,
	.irq_set_affinity = dwsim_intc_set_affinity,
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
		cpumask_setall(&line->affinity);
		INIT_CSD(&line->call, dwsim_line_call, line);
		hrtimer_setup(&line->timer, dwsim_line_deliver, CLOCK_MONOTONIC,
			      HRTIMER_MODE_REL_HARD);
	}

	intc->domain = irq_domain_create_linear(dev_fwnode(sim->dev), DWSIM_MAX_LINES,
						&dwsim_intc_ops, sim);

	return intc->domain ? 0 : -ENOMEM;
}
