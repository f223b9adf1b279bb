// What Elsa Studio leaves to its host: which component a page shows, where its links lead, and the change note that a
// publication needs.
(() => {
  "use strict";

  const { refusals, sending } = window.assessmentFlow;
  const api = location.origin + "/elsa/api"; // Without a slash at the end: Studio adds its own.
  const hub = location.origin + "/elsa/hubs/"; // Where it learns of changes; asking for it changes nothing.
  const page = crypto.randomUUID ? crypto.randomUUID() : String(Math.random()).slice(2) + Date.now();
  const open = path => location.assign(document.baseURI + path);
  const callbacks = {
    "elsa-workflow-definition-list": { editWorkflowDefinition: id => open(`workflows/definitions/${encodeURIComponent(id)}/edit`) },
    "elsa-workflow-instance-list": { viewWorkflowInstance: id => open(`workflows/instances/${encodeURIComponent(id)}/view`) },
    "elsa-workflow-instance-viewer": { editWorkflowDefinition: id => open(`workflows/definitions/${encodeURIComponent(id)}/edit`) },
  };

  // Studio navigates by the history of the browser and nobody listens. Only a fresh page can hold another component.
  const own = url => {
    const target = new URL(url, document.baseURI);
    if (target.origin === location.origin && target.pathname.startsWith("/workflows/")) {
      target.pathname = "/studio" + target.pathname; // Studio takes itself to be at the root of the site.
    }

    return target;
  };

  const push = history.pushState;
  history.pushState = function (state, title, url) {
    const target = url && own(url);
    if (target && target.pathname !== location.pathname) {
      location.assign(target.href);
    } else {
      push.apply(history, arguments);
    }
  };

  // A link is mended before anything is done with it, so that it also opens in another tab and can be copied.
  const mend = event => {
    const link = event.composedPath().find(node => node instanceof HTMLAnchorElement && node.href);
    if (link && own(link.href).href !== link.href) {
      link.href = own(link.href).href;
    }
  };
  for (const before of ["pointerdown", "focusin", "click", "auxclick"]) {
    document.addEventListener(before, mend, true);
  }

  const textOf = async body => typeof body === "string" ? body : body ? new Response(body).text() : "";

  const publishes = async (url, init) => {
    if ((init.method || "GET").toUpperCase() !== "POST") {
      return false;
    }

    const path = url.pathname.slice("/elsa/api".length);
    if (/^\/workflow-definitions\/[^/]+\/publish$/.test(path) || path === "/bulk-actions/publish/workflow-definitions/by-definition-ids") {
      return true;
    }

    return path === "/workflow-definitions" && /"publish"\s*:\s*true/.test(await textOf(init.body));
  };

  const askForNote = () => new Promise(resolve => {
    const dialog = document.getElementById("change-note");
    const text = document.getElementById("change-note-text");
    text.value = "";
    dialog.returnValue = "";
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "publish" ? text.value.trim() : null), { once: true });
    dialog.showModal();
    text.focus();
  });

  // What changes nothing need not wait for what does.
  const isQuery = path => /^\/(workflow-instances(\/[^/]+\/journal)?$|activity-executions\/|descriptors\/|scripting\/)/.test(path);

  const isSave = path => path === "/workflow-definitions" && document.getElementById("studio").dataset.element === "elsa-workflow-definition-editor";

  window.fetch = async function (resource, init) {
    const url = new URL(typeof resource === "string" ? resource : resource.url ?? resource.href, document.baseURI);
    if (url.href.startsWith(hub)) {
      const answer = await sending.send(resource, init ?? {});
      return answer.status < 500 ? answer : new Response(null, { status: 404 }); // Studio then asks for changes every few seconds.
    }

    if (!url.href.startsWith(api + "/") || resource instanceof Request) {
      return sending.fetchPlain(resource, init);
    }

    const request = { ...init, headers: new Headers(init?.headers) };
    request.headers.set("X-Studio-Page", page);
    if ((request.method || "GET").toUpperCase() === "GET") {
      const answer = early.get(url.href);
      early.delete(url.href);
      return answer ?? sending.fetchPlain(resource, request);
    }

    const path = url.pathname.slice("/elsa/api".length);
    if (isQuery(path)) {
      return sending.send(resource, request);
    }

    if (await publishes(url, request)) {
      const note = await askForNote();
      if (!note) {
        return isSave(path)
          ? refusals.of(["Not published: a publication needs a change note. Nothing is lost: what you drew is still on this page."])
          : refusals.tell(path, request.method, refusals.of(["Not published: a publication needs a change note."]));
      }

      request.headers.set("X-Change-Note", encodeURIComponent(note));
    }

    const answer = await sending.sendInOrder(resource, request, isSave(path) ? await textOf(request.body) : null);
    return refusals.tell(path, request.method, answer);
  };

  // Monaco, in which code is written, is a quarter of what the page would load, and nobody writes before the graph is drawn.
  // Studio asks it for an editor before that, unseen: whatever is asked of Monaco waits until there is a graph and nothing was
  // added to the page for `quietFor`, and for `drawnWithin` at the longest (milliseconds).
  const quietFor = 250;
  const drawnWithin = 20_000;
  const monaco = "_content/BlazorMonaco/lib/monaco-editor/min/vs";
  const graph = () => new Promise(stands => {
    let quiet;
    const end = () => {
      seen.disconnect();
      clearTimeout(quiet);
      stands();
    };
    const seen = new MutationObserver(() => {
      if (document.querySelector(".x6-graph-svg")) {
        clearTimeout(quiet);
        quiet = setTimeout(end, quietFor);
      }
    });
    seen.observe(document.getElementById("studio"), { childList: true, subtree: true });
    setTimeout(end, drawnWithin);
  });
  const run = source => new Promise((done, failed) =>
    document.head.append(Object.assign(document.createElement("script"), { src: source, onload: done, onerror: failed })));
  const load = async () => {
    await run(`${monaco}/loader.js`);
    await new Promise((done, failed) => window.require(["vs/editor/editor.main"], done, failed));
  };
  const deferMonaco = () => {
    const functions = [window.blazorMonaco.editor, window.blazorMonaco.languages].flatMap(owner =>
      Object.entries(owner).filter(([, member]) => typeof member === "function").map(([name, original]) => ({ owner, name, original })));
    const loaded = graph().then(load).catch(load).then(() => functions.forEach(({ owner, name, original }) => { owner[name] = original; }));
    // What was asked of an editor that has left the page meanwhile has nobody left to answer.
    const isGone = ([first]) => typeof first === "string" && first.startsWith("monaco-editor-") && !document.getElementById(first);
    for (const { owner, name, original } of functions) {
      owner[name] = (...given) => loaded.then(() => isGone(given) ? new Promise(() => {}) : original.apply(owner, given));
    }
  };

  // What the editor asks first is on its way while the component is still being loaded.
  const early = new Map();
  const askEarly = definitionId => {
    for (const path of [
      `workflow-definitions/by-definition-id/${encodeURIComponent(definitionId)}?versionOptions=Latest`, "descriptors/activities?Refresh=True",
      "descriptors/expression-descriptors", "descriptors/workflow-activation-strategies", "descriptors/log-persistence-strategies",
      "descriptors/incident-strategies", "descriptors/commit-strategies/workflows", "features/installed"]) {
      early.set(`${api}/${path}`, sending.fetchPlain(`${api}/${path}`));
    }
  };

  // Studio's assemblies come in one answer (an index, then the files), and with what runs them they are on their way before
  // Studio asks for them. What is missing there comes alone.
  const { assemblies, runtime } = document.currentScript.dataset;
  const ask = async (uri, more) => {
    const answer = await sending.fetchPlain(uri, { cache: "force-cache", ...more });
    return answer.ok ? answer : Promise.reject(new Error(`${uri} answered ${answer.status}`));
  };
  const machine = ask(runtime).catch(() => null);
  let bodies = ask(assemblies).then(async answer => {
    const content = await answer.arrayBuffer();
    const length = new DataView(content).getUint32(0, true);
    let start = 4 + length;
    return new Map(JSON.parse(new TextDecoder().decode(new Uint8Array(content, 4, length)))
      .map(([name, size]) => [name, new Uint8Array(content, (start += size) - size, size)]));
  }).catch(() => new Map());
  const loadBootResource = (type, name, uri, hash) => {
    const alone = () => ask(uri, hash ? { integrity: hash } : {});
    switch (type) {
      case "assembly": return bodies.then(files => files.has(name) ? new Response(files.get(name)) : alone());
      case "dotnetwasm": return machine.then(answer => answer ?? alone());
      default: return undefined;
    }
  };
  // What runs Studio compiles what it meets often: a page that lives for minutes spends more on that than it gains. It collects
  // garbage at every four mebibytes of new objects, and has been seen to die of that: drawing a graph of fifty activities needs
  // thirty-six. When it dies the page still looks alive but does nothing any more, so the user has to be told; what the links do
  // Blazor says only when it shows the bar itself.
  const showFailure = () => {
    const bar = document.getElementById("blazor-error-ui");
    const does = (link, act) => bar.querySelector(link).onclick = event => {
      event.preventDefault();
      act();
    };
    does(".reload", () => location.reload());
    does(".dismiss", () => bar.style.display = "none");
    bar.style.display = "block";
  };
  const configureRuntime = dotnet => dotnet
    .withRuntimeOptions(["--no-jiterpreter-traces-enabled", "--no-jiterpreter-interp-entry-enabled", "--no-jiterpreter-jit-call-enabled"])
    .withEnvironmentVariable("MONO_GC_PARAMS", "nursery-size=64m")
    .withModuleConfig({ onAbort: showFailure, onExit: showFailure });
  const startStudio = async () => {
    try {
      await window.Blazor.start({ loadBootResource, configureRuntime });
    } catch (failure) {
      console.error(failure);
      showFailure();
    } finally {
      bodies = Promise.resolve(new Map()); // Megabytes that nobody reads again.
    }
  };

  document.addEventListener("DOMContentLoaded", async () => {
    const place = document.getElementById("studio");
    if (!place) {
      return;
    }

    startStudio();
    const name = place.dataset.element;
    if (name === "elsa-workflow-definition-editor" || name === "elsa-workflow-instance-viewer") {
      deferMonaco();
      document.head.append(Object.assign(document.createElement("link"), { rel: "modulepreload", href: "_content/Elsa.Studio.Workflows.Designer/designer.entry.js" }));
    }

    if (name === "elsa-workflow-definition-editor") {
      askEarly(place.dataset.attributeDefinitionId);
    }

    const element = document.createElement(name);
    element.setAttribute("remote-endpoint", api);
    for (const { name: attribute, value } of place.attributes) {
      if (attribute.startsWith("data-attribute-")) {
        element.setAttribute(attribute.slice("data-attribute-".length), value);
      }
    }

    place.append(element);
    await customElements.whenDefined(name);
    Object.assign(element, callbacks[name] ?? {}); // Set earlier, they would be lost.
  });
})();
