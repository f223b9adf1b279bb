// What Elsa Studio leaves to its host: which component a page shows, where its links lead, and the change note that a
// publication needs.
(() => {
  "use strict";

  const api = location.origin + "/elsa/api"; // Without a slash at the end: Studio adds its own.
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

  document.addEventListener("click", event => {
    const link = event.composedPath().find(node => node instanceof HTMLAnchorElement && node.href);
    if (link && own(link.href).href !== link.href) {
      event.preventDefault();
      event.stopPropagation();
      location.assign(own(link.href).href);
    }
  }, true);

  // Refusals that Studio shows have this form.
  const refusal = text => new Response(
    JSON.stringify({ statusCode: 400, message: text, errors: { generalErrors: [text] } }),
    { status: 400, headers: { "Content-Type": "application/problem+json" } });

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

  // Studio repeats a request that failed; whoever has said why once is not asked again for the same publication.
  const notes = new Map();
  const fetchPlain = window.fetch;
  window.fetch = async function (resource, init) {
    const url = new URL(typeof resource === "string" ? resource : resource.url ?? resource.href, document.baseURI);
    if (!url.href.startsWith(api + "/") || resource instanceof Request) {
      return fetchPlain.apply(this, arguments);
    }

    const headers = new Headers(init?.headers);
    headers.set("X-Studio-Page", page);
    if (await publishes(url, init ?? {})) {
      const publication = url.pathname + await textOf(init.body);
      const note = notes.get(publication) ?? await askForNote();
      if (!note) {
        return refusal("Not published: a publication needs a change note. What you drew is kept as a draft.");
      }

      headers.set("X-Change-Note", encodeURIComponent(note));
      notes.set(publication, note);
      const answer = await fetchPlain.call(this, resource, { ...init, headers });
      if (answer.status < 500) {
        notes.delete(publication);
      }

      return answer;
    }

    return fetchPlain.call(this, resource, { ...init, headers });
  };

  document.addEventListener("DOMContentLoaded", async () => {
    const place = document.getElementById("studio");
    if (!place) {
      return;
    }

    const name = place.dataset.element;
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
