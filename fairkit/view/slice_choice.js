"use strict";
// Of more slices than the component can open at once: which are there, and which are open first.
function sliceChoice(find, changed) {
  const order = find("order"), search = find("search");
  let waiting, overall = [];
  order.addEventListener("change", changed);
  search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(changed, 250); });

  // The places of the feature's rows that are shown, in their order; `opening.slices` are those that are open.
  return (view, feature, results, places) => {
    const many = places.length > MOST_SLICES;
    overall = view.overall;
    for (const choice of ["order-choice", "search-choice"]) find(choice).hidden = !many;
    order.querySelectorAll("[data-order]").forEach((option) => {
      option.textContent = `${option.dataset.order} ${view.metric}`;
    });
    const shown = many ? sorted(view, feature, results, found(feature, places)) : places;
    opening.slices = new Set(shown.slice(0, MOST_SLICES).map((i) => feature.rows[0][i][0]));
    return many && order.value === "examples" && shown.length <= MOST_GIVEN ? shown.toSorted((a, b) => a - b) : shown;
  };

  function found(feature, places) {
    const wanted = search.value.trim().toLowerCase();
    return places.filter((i) => nameOf(feature, i).includes(wanted));
  }

  function nameOf(feature, i) { return feature.rows[0][i][1].toLowerCase(); }

  // Slices surely off overall by how far the near end of their interval lies from it, then the others by size.
  function gap(view, feature, results, i) {
    const number = (value, end) => Number(Array.isArray(value) ? value[end] : NaN);
    const sure = results.map((result) => {
      const own = feature.rows[result][i][2][view.opened], all = overall[result][2][view.opened];
      const middle = number(all, 0);
      return Math.max(number(own, 1) - middle, middle - number(own, 2));
    }).filter(Number.isFinite);
    const most = Math.max(0, ...sure);
    const count = view.keys.indexOf("example_count"), part = (row) => Number(row[2][count]) || 0;
    const share = Math.max(...results.map((result) => part(feature.rows[result][i]) / part(overall[result])));
    return most > 0 ? -1 - most : -(Math.min(share, 1) || 0);
  }

  function sorted(view, feature, results, places) {
    const key = order.value === "examples" ? view.keys.indexOf("example_count") : view.opened;
    const sign = order.value === "lowest" ? 1 : -1, wanted = search.value.trim().toLowerCase();
    const size = (i) => {
      const numbers = results.map((result) => feature.rows[result][i][2][key])
          .map((value) => sign * Number(Array.isArray(value) ? value[sign < 0 ? 1 : 2] : value))
          .filter(Number.isFinite);   // the near end of the interval: a small slice does not lead by chance
      return Math.min(...numbers);   // Infinity, so last, where there is none
    };
    const rank = new Map(places.map((i) => [i, nameOf(feature, i) === wanted ? -Infinity :
        order.value === "gap" ? gap(view, feature, results, i) : size(i)]));
    return places.toSorted((a, b) => rank.get(a) - rank.get(b) || a - b);
  }
}
