// What changes something leaves a page of Studio once and in order, and is not forgotten when the page is left.
window.assessmentFlow = window.assessmentFlow ?? {};
window.assessmentFlow.sending = (() => {
  "use strict";

  const { refusals } = window.assessmentFlow;
  const schema = "https://elsaworkflows.io/schemas/workflow-definition/v3.0.0/schema.json"; // By which Studio knows a file.

  // Studio repeats what failed some seconds later, and does not wait for the answer to one save before it sends the next: a
  // repeat that came late would undo what was drawn since. So what changes something leaves this page in order, under a
  // number, and is repeated here, under the same number, until it was answered. What was not answered even then is told as a
  // refusal, which Studio does not repeat: its repeat would get another number, behind whatever was sent since.
  const pauses = [500, 1000, 2000, 4000, 8000]; // Before each repeat (milliseconds).
  const readWithin = 10_000; // In which the browser has read a file that it is given (milliseconds).
  const fetchPlain = window.fetch.bind(window); // The browser's own, before the page puts another in its place.
  let step = 0;
  let queue = Promise.resolve();
  let waiting = 0; // Changes that were not answered yet.
  let unsaved = null; // What was drawn and is on this page only: the body of the last save, if that was refused or failed.

  const isFailure = ({ status }) => status >= 500 || status === 408; // By these Studio, too, knows what to repeat.

  const send = async (resource, init) => {
    for (const pause of [...pauses, null]) {
      try {
        const answer = await fetchPlain(resource, init);
        if (!isFailure(answer) || pause === null) {
          return answer;
        }
      } catch (failure) {
        if (init.signal?.aborted || pause === null) {
          throw failure;
        }
      }

      await new Promise(resume => setTimeout(resume, pause));
    }
  };

  const remember = drawn => {
    unsaved = drawn;
    document.getElementById("refusals-keep").hidden = drawn === null;
  };

  const unanswered = drawn => refusals.of([
    "The server did not answer, perhaps after it had done what was asked. Look at what is there before you try again.",
    ...drawn === null ? [] : ["What you drew is still on this page: it is sent again with your next change, and until then you can keep it as a file."],
  ]);

  /**
   * Sends a change after those before it.
   * @param drawn The body, when it is what was drawn in the editor; null when it is anything else.
   * @returns The answer, never one that Studio would repeat.
   */
  const sendInOrder = (resource, init, drawn) => {
    init.headers.set("X-Studio-Step", ++step);
    waiting++;
    const sent = queue.then(() => send(resource, init)).then(
      answer => isFailure(answer) ? unanswered(drawn) : answer,
      failure => init.signal?.aborted ? Promise.reject(failure) : unanswered(drawn));
    const answer = sent.then(
      ({ ok, headers }) => ok || headers.has("X-Studio-Kept"),
      () => false).then(isKept => {
      waiting--;
      if (drawn !== null) {
        remember(isKept ? null : drawn);
      }

      return sent;
    });
    queue = answer.catch(() => {});
    return answer;
  };

  // What Studio exports is what the server has. This is what it sent last: imported, it becomes a version beside the other.
  const keep = () => {
    const { model } = JSON.parse(unsaved);
    delete model.customProperties?.assessmentFlowSeen; // It says what was seen, and belongs to this page.
    const file = URL.createObjectURL(new Blob([JSON.stringify({ $schema: schema, ...model })], { type: "application/json" }));
    Object.assign(document.createElement("a"), { href: file, download: `workflow-definition-${model.definitionId}-mine.json` }).click();
    setTimeout(() => URL.revokeObjectURL(file), readWithin);
    remember(null);
  };
  document.addEventListener("click", event => event.target.id === "refusals-keep" && keep());

  // Studio saves half a second after the last change, and what it has not sent yet is not to be seen from here.
  window.addEventListener("beforeunload", event => {
    if (waiting > 0 || unsaved !== null) {
      event.preventDefault();
    }
  });

  return { fetchPlain, send, sendInOrder };
})();
