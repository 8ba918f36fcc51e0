"""Define the terms of the report."""

GLOSSARY = {
    "added time": "The time of a page in a framework minus the time of the same page in the "
    "baseline, in microseconds.",
    "as taught": "The site as the framework's documentation teaches it, without its hardening.",
    "atlas": "The collection of all probes: what each framework does by default, byte for byte.",
    "baseline": "The site without a framework, called bare. All costs are compared with it.",
    "channel": "The way in which a probe reaches a framework: in its own process, through "
    "waitress, or through wsgiref's server.",
    "clause": "One test of the contract: a request, or several, and the reply that every site "
    "must send.",
    "confidence interval": "The range that contains the true value in 99 of 100 runs, if only "
    "chance varies between the launches.",
    "contract": "The black-box tests over HTTP that all sites must pass.",
    "control": "The baseline under a second name. The difference of the two shows the noise.",
    "core": "The clauses that a user would miss, or that security needs. Each site meets them as "
    "taught.",
    "cycle": "One round in which every framework has one turn.",
    "hardening": "The code that makes a site meet the clauses that only a standard, a scanner or "
    "an attacker would ask for. It stands apart, in hardening.py.",
    "launch": "One start of a framework's process for a measurement.",
    "layer": "The owner of the running code: server, framework, app, template or database.",
    "noise floor": "The difference that the same code shows when it is measured twice, as baseline "
    "and as control. Smaller differences are not reported.",
    "probe": "One request to a framework with its default settings, and the observed reply.",
    "provision": "The provider of a need of the site, such as sessions: the framework, an add-on, "
    "or code in the app.",
    "tie": "Frameworks between which the measurement shows no difference. A tie does not prove "
    "that they are equal.",
    "trace": "The record of every call of one request, in order and by layer.",
    "warm request": "A request for a page that the process has answered before.",
}
