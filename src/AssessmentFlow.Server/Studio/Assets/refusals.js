// What Studio does not tell when something was refused: why, in a dialog of ours. What it shows itself is left to it.
window.assessmentFlow = window.assessmentFlow ?? {};
window.assessmentFlow.refusals = (() => {
  "use strict";

  const cannotStart = "X-Elsa-Workflow-Cannot-Start";

  /** A refusal in the form that Studio shows when it saves. */
  const of = (texts, status = 400) => new Response(
    JSON.stringify({ statusCode: status, message: texts[0], errors: { generalErrors: texts } }),
    { status, headers: { "Content-Type": "application/problem+json" } });

  const show = texts => {
    const dialog = document.getElementById("refusals");
    document.getElementById("refusals-texts").replaceChildren(...texts.map(text => Object.assign(document.createElement("p"), { textContent: text })));
    if (!dialog.open) {
      dialog.showModal();
    }
  };

  /** Why not, by an answer; of several things that were asked for, only for those that were not done. */
  const textsOf = async answer => {
    const body = answer.headers.get("Content-Type")?.includes("json") ? await answer.clone().json().catch(() => null) : null;
    const texts = [body?.errors?.generalErrors ?? [], body?.kept ?? [], ...Object.values(body?.warnings ?? {})].flat();
    return texts.length > 0 || answer.ok ? texts
      : answer.status === 404 ? ["This is not there any more. Load the page again."]
      : [body?.detail ?? `The server answered ${answer.status}. Load the page again.`];
  };

  // Studio takes a refusal for its own failure, and stops. Told that a deletion is done it reads the list again; whatever else
  // was refused counts as called off, about which it says nothing. Whether a workflow was started it reads from a header only.
  const instead = (path, method, answer, texts) => {
    if (path.endsWith("/execute")) {
      return answer.headers.has(cannotStart) ? answer : new Response("{}", { headers: { "Content-Type": "application/json", [cannotStart]: "True" } });
    }

    if (answer.ok || path === "/workflow-definitions/import") {
      return answer;
    }

    if (path === "/workflow-definitions") {
      return answer.status === 400 ? answer : of(texts);
    }

    if (method === "DELETE") {
      return new Response(null, { status: 204 });
    }

    throw new DOMException(texts[0], "AbortError");
  };

  /**
   * Tells the user what was refused.
   * @returns What Studio is given for the answer.
   */
  const tell = async (path, method, answer) => {
    const isRun = path.endsWith("/execute");
    if (answer.ok && !isRun && !path.startsWith("/bulk-actions/")) {
      return answer;
    }

    const texts = await textsOf(answer);
    if (texts.length === 0) {
      return answer;
    }

    // The editor itself shows why a publication was refused; when what was drawn is not even kept as a draft, that is not enough.
    if (!answer.headers.has("X-Studio-Kept")) {
      show(texts);
    }

    return instead(path, method, answer, texts);
  };

  return { of, show, tell };
})();
