"use strict";
// Puts one feature of one class into the component, and does so again when the reader chooses another.
(() => {
  const find = (id) => document.getElementById(`fairkit-${id}`);   // the component puts icons into the page, with ids
  const data = window.fairkitData;
  const board = find("board");
  const classes = find("class"), features = find("feature"), first = find("first"), second = find("second");
  const alone = data.names.length === 1;
  const text = (tag, content, className) => {
    const element = document.createElement(tag);
    element.textContent = content;
    if (className) element.className = className;
    return element;
  };
  const option = (label, value) => { const item = text("option", label); item.value = value; return item; };

  // Which results are shown: their places, one or two.
  const shown = () => alone ? [0] : [Number(first.value), Number(second.value)];

  function offer() {
    const kept = features.selectedOptions[0]?.textContent;
    const offered = data.views[classes.value].features;
    features.replaceChildren(...offered.map((feature, i) => option(feature.name, i)));
    features.value = Math.max(0, offered.findIndex((feature) => feature.name === kept));
  }

  // What the reader has opened stays open when the data under it changes.
  function remember() {
    const inside = board.firstElementChild?.shadowRoot;
    const selector = inside?.querySelector("fairness-metric-and-slice-selector");
    if (!selector) return [];
    for (const summary of inside.querySelector("fairness-metrics-board").shadowRoot
        .querySelectorAll("fairness-metric-summary")) {
      if (summary.selectedThresholds_?.length) opening.thresholds[summary.metric] = [...summary.selectedThresholds_];
    }
    return selector.selectedMetrics.filter(Boolean).map(shortName);
  }

  // The component changes the rows that it is given, so it gets new ones each time.
  function asComponentTakesIt(keys, [slice, sliceValue, values]) {
    const metrics = keys.map((key, i) => [key, Array.isArray(values[i]) ?
        {boundedValue: {value: values[i][0], lowerBound: values[i][1], upperBound: values[i][2]}} :
        {doubleValue: values[i]}]);
    return {slice, sliceValue, metrics: Object.fromEntries(metrics)};
  }

  function show() {
    const view = data.views[classes.value];
    const feature = view.features[features.value];
    const known = new Set(view.keys.map((key) => shortName(key).split("@")[0]));
    const kept = remember().filter((metric) => known.has(metric));
    opening.metrics = kept.length ? kept : view.lead;
    const results = shown(), names = results.map((result) => data.names[result]);
    opening.matched = Object.fromEntries(
        Object.entries(view.matched).map(([metric, at]) => [metric, results.map((result) => at[result])]));
    // A slice that neither of the two has would be an empty row.
    const places = [...(feature ? feature.rows[0].keys() : [])]
        .filter((i) => results.some((result) => feature.rows[result][i][2].some((value) => value !== "NaN")));
    const open = feature ? pickSlices(view, feature, results, places) : [];
    const rows = (result) => [view.overall[result], ...open.slice(0, MOST_GIVEN).map((i) => feature.rows[result][i])]
        .map((row) => asComponentTakesIt(view.keys, row));
    const container = document.createElement("fairness-nb-container");
    container.evalName = names[0];
    if (!alone) {
      container.evalNameCompare = names[1];
      container.slicingMetricsCompare = rows(results[1]);
    }
    container.slicingMetrics = rows(results[0]);
    board.replaceChildren(container);
    explain(view, results, names, places.length, open.length);
  }

  function explain(view, results, names, count, found) {
    const hint = find("hint"), matched = find("matched");
    hint.replaceChildren();
    if (!alone) {
      names.forEach((name, i) => {
        const legend = text("span", "", "legend");
        legend.append(text("i", "", i ? "" : "first"), text("bdi", name));
        hint.append(legend);
      });
    }
    if (count > MOST_SLICES) {
      hint.append(found < count ? `${found} of ${count} slices.` : `${count} slices.`,
                  found > MOST_SLICES ? ` ${MOST_SLICES} are open: close one under SELECT SLICES to open another.` : "",
                  found > MOST_GIVEN ? ` The first ${MOST_GIVEN} can be selected; others are found by name.` : "");
    }
    matched.hidden = !view.pairs.length;
    const both = (texts) => results.map((result) => texts[result]).join(" \u2192 ");
    matched.replaceChildren(`Matched thresholds, ${both(data.names)} (and overall ${view.metric}s): `);
    view.pairs.forEach((pair, i) => matched.append(
        i ? "; " : "", text("span", `${both(pair.thresholds)} (${both(pair.overall)})`)));
  }

  opening.threshold = data.threshold;
  const pickSlices = sliceChoice(find, () => show());
  classes.replaceChildren(...data.views.map((_, i) => option(`${data.classes[i]} against the rest`, i)));
  classes.value = data.opened;
  find("class-choice").hidden = !data.classes.length;
  let before = [0, 1];
  [first, second].forEach((select, i) => {
    select.replaceChildren(...data.names.map(option));
    find(`${i ? "second" : "first"}-choice`).hidden = data.names.length < 3;
    if (!alone) select.value = i;
    select.addEventListener("change", () => {
      if (first.value === second.value) (i ? first : second).value = before[i];   // the two change places
      before = shown();
      show();
    });
  });
  offer();
  find("feature-choice").hidden = !features.length;
  classes.addEventListener("change", () => { offer(); show(); });
  features.addEventListener("change", show);
  find("choices").hidden = false;
  show();
})();
