"use strict";
// The page carries its data and its scripts compressed, at a quarter of their size. The policy of the page allows
// scripts by their hash, so that these run after they were unpacked, and no others.
(async () => {
  try {
    const packed = Uint8Array.from(atob(document.getElementById("fairkit-packed").textContent), (c) => c.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    const {data, scripts} = await new Response(stream).json();
    window.fairkitData = data;
    for (const source of scripts) {
      const script = document.createElement("script");
      script.textContent = source;
      document.body.append(script);
    }
  } catch (error) {
    document.getElementById("fairkit-board").textContent =
        `This browser cannot open the board (${error.message}). The same numbers stand in the tables below.`;
  }
})();
