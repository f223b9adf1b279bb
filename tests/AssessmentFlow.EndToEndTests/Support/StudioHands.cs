using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace AssessmentFlow.EndToEndTests.Support;

/// <summary>What a person does with the mouse and the keyboard in Studio.</summary>
internal static partial class StudioHands
{
    /// <summary>How long a menu may take to be seen (ms).</summary>
    private const int PatienceMs = 10_000;

    /// <summary>The button by which the editor publishes.</summary>
    public const string PublishButton = "button.mud-icon-button.mud-primary-text";

    /// <summary>Creates a workflow from the list and waits for its empty canvas.</summary>
    /// <returns>Identity of the workflow.</returns>
    public static async Task<string> CreateAsync(this StudioBrowser studio, string name)
    {
        var page = studio.Page;
        await studio.OrderAsync(name);
        await page.WaitForURLAsync("**/edit");
        await page.WaitForSelectorAsync(".mud-expand-panel-header");
        return IdOf().Match(page.Url).Groups["id"].Value;
    }

    /// <summary>Has the list create a workflow, and does not wait for it.</summary>
    public static async Task OrderAsync(this StudioBrowser studio, string name)
    {
        var page = studio.Page;
        await page.Row("visit-lifecycle").WaitForAsync();
        await studio.ShootAsync("list");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Create workflow" }).ClickAsync();
        var field = page.Locator(".mud-dialog input[type=text]").First;
        await field.FillAsync(name);
        await field.PressAsync("Tab");
        await page.Locator(".mud-dialog button").Filter(new LocatorFilterOptions { HasTextRegex = Confirmation() }).First.ClickAsync();
    }

    /// <summary>Draws two activities that follow each other, one with a script and one that waits for the event "go".</summary>
    /// <returns>Identity of the workflow.</returns>
    public static async Task<string> DrawAsync(this StudioBrowser studio, string name)
    {
        var page = studio.Page;
        var id = await studio.CreateAsync(name);
        await page.DropAsync("Console", "Write Line", 80, 80);
        await page.DropAsync("Primitives", "Event", 420, 80);
        await page.ConnectAsync("WriteLine1", "Event1");
        await page.FillAsync("Event1", "Event name", "go");
        await studio.CompleteAsync("WriteLine1", "Text", "'Hello ' + getWorkflowInst", "getWorkflowInstanceId", "()");
        return id;
    }

    /// <summary>Whether all of <see cref="DrawAsync"/> is in a definition.</summary>
    public static bool IsDrawn(JsonNode definition)
    {
        var text = definition["root"]!.ToJsonString();
        return text.Contains("getWorkflowInstanceId()", StringComparison.Ordinal) && text.Contains("\"JavaScript\"", StringComparison.Ordinal)
            && text.Contains("\"go\"", StringComparison.Ordinal) && definition["root"]!["connections"]!.AsArray().Count is 1;
    }

    /// <summary>Drags an activity from the palette to a place on the canvas.</summary>
    public static async Task DropAsync(this IPage page, string category, string name, float x, float y)
    {
        var item = page.Locator("[draggable=true]").Filter(new LocatorFilterOptions { HasTextRegex = Whole(name) }).First;
        if (!await item.IsVisibleAsync())
        {
            await page.Locator(".mud-expand-panel-header").Filter(new LocatorFilterOptions { HasText = category }).First.ClickAsync();
            await item.WaitForAsync();
        }

        // What is dragged while the palette unfolds is what lay there before.
        LocatorBoundingBoxResult? before = null;
        await TestSupport.Eventually.HoldsAsync(
            "the palette has unfolded",
            async () =>
            {
                var last = before;
                before = await item.BoundingBoxAsync();
                return before is not null && before.Y == last?.Y && await page.Locator(".mud-collapse-entering").CountAsync() is 0;
            },
            TestContext.Current.CancellationToken);
        var nodes = await page.Locator(".x6-node").CountAsync();
        await item.DragToAsync(page.Locator(".x6-graph-svg").First, new LocatorDragToOptions { TargetPosition = new TargetPosition { X = x, Y = y } });
        await Assertions.Expect(page.Locator(".x6-node")).ToHaveCountAsync(nodes + 1);
        await Assertions.Expect(page.Node(name.Replace(" ", "", StringComparison.Ordinal)).Last).ToBeVisibleAsync(); // And not what lay beside it.
    }

    /// <summary>Draws a connection from a port of an activity to the first one of another.</summary>
    public static async Task ConnectAsync(this IPage page, string from, string to, int port = 0)
    {
        var edges = await page.Locator(".x6-edge").CountAsync();
        var start = await CentreAsync(page.Node(from).Locator(".x6-port-out circle").Nth(port));
        var end = await CentreAsync(page.Node(to).Locator(".x6-port-in circle").First);
        await page.Mouse.MoveAsync(start.X, start.Y);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(end.X - 40, end.Y + 5, new MouseMoveOptions { Steps = 8 });
        await page.Mouse.MoveAsync(end.X, end.Y, new MouseMoveOptions { Steps = 4 });
        await page.Mouse.UpAsync();
        await Assertions.Expect(page.Locator(".x6-edge")).ToHaveCountAsync(edges + 1);
    }

    /// <summary>Writes a plain text into an input of an activity.</summary>
    public static async Task FillAsync(this IPage page, string activity, string input, string value)
    {
        await page.SelectAsync(activity);
        await page.EnterAsync(input, value);
    }

    /// <summary>Writes a plain text into an input of the activity that is selected, unless it is there.</summary>
    public static async Task EnterAsync(this IPage page, string input, string value)
    {
        var field = page.Field(input).Locator("input").First;
        if (await field.InputValueAsync() != value)
        {
            await field.FillAsync(value);
            await field.PressAsync("Tab");
        }
    }

    /// <summary>Chooses from the list of an input of the activity that is selected, unless it is chosen.</summary>
    public static async Task PickAsync(this IPage page, string input, string value)
    {
        var field = page.Field(input);
        if (await field.Locator("input").First.InputValueAsync() != value)
        {
            await field.ClickAsync();
            await page.Locator(".mud-popover-open [role=option]").Filter(new LocatorFilterOptions { HasTextRegex = Whole(value) }).First.ClickAsync();
        }
    }

    /// <summary>Writes a script into an input of an activity: its end is taken from what the editor offers.</summary>
    public static async Task CompleteAsync(this StudioBrowser studio, string activity, string input, string begun, string offered, string rest)
    {
        var page = studio.Page;
        await page.WriteAsync(activity, input, begun);
        var offer = page.Locator(".suggest-widget.visible .monaco-list-row").Filter(new LocatorFilterOptions { HasText = offered }).First;
        await TestSupport.Eventually.HoldsAsync(
            $"the editor offers {offered}",
            async () =>
            {
                await page.Keyboard.PressAsync("Control+Space");
                return await offer.IsVisibleAsync();
            },
            TestContext.Current.CancellationToken);
        await studio.ShootAsync("completion");
        await offer.ClickAsync();
        await page.Keyboard.TypeAsync(rest, new KeyboardTypeOptions { Delay = 30 });
        await page.SelectAsync(activity);
    }

    /// <summary>Writes a script into an input of an activity.</summary>
    public static async Task WriteAsync(this IPage page, string activity, string input, string script)
    {
        await page.SelectAsync(activity);
        await page.Locator("div.flex-row.gap-3").Filter(new LocatorFilterOptions { Has = page.Label(input) }).Last.Locator(".mud-menu button").ClickAsync();
        await page.MenuItem("JavaScript").ClickAsync();
        await page.Locator(".monaco-editor:visible").First.ClickAsync(); // The code of the whole workflow may have one, too, on its tab.
        await page.Keyboard.TypeAsync(script, new KeyboardTypeOptions { Delay = 30 });
    }

    /// <summary>Clicks an activity, also where the frame of what is selected lies above it.</summary>
    public static Task SelectAsync(this IPage page, string activity) =>
        page.Node(activity).Locator(".activity-label").ClickAsync(new LocatorClickOptions { Force = true });

    /// <summary>Moves the canvas until an activity lies in the middle of it.</summary>
    public static async Task ShowAsync(this IPage page, string activity)
    {
        const float Step = 250;
        await page.Locator(".mud-toolbar button.mud-icon-button").First.ClickAsync(); // As much of the drawing as can still be read.
        var canvas = await page.Locator(".x6-graph-svg").First.BoundingBoxAsync() ?? throw new InvalidOperationException("There is no canvas.");
        var (handleX, handleY) = (canvas.X + (canvas.Width / 2), canvas.Y + 95); // Between the toolbar and the first row.
        for (var moves = 0; moves < 50; moves++)
        {
            var (x, y) = await CentreAsync(page.Node(activity).Locator(".activity-label"));
            var (right, down) = (canvas.X + (canvas.Width / 2) - x, canvas.Y + (canvas.Height * 0.6f) - y);
            if (Math.Abs(right) < Step && Math.Abs(down) < Step / 2)
            {
                return;
            }

            await page.Mouse.MoveAsync(handleX, handleY);
            await page.Mouse.DownAsync();
            await page.Mouse.MoveAsync(handleX + Math.Clamp(right, -Step, Step), handleY + Math.Clamp(down, -Step / 2, Step / 2), new MouseMoveOptions { Steps = 4 });
            await page.Mouse.UpAsync();
        }

        throw new InvalidOperationException($"The activity '{activity}' cannot be brought to the middle.");
    }

    /// <summary>Publishes what is drawn, with a note.</summary>
    public static async Task PublishAsync(this StudioBrowser studio, string note)
    {
        await studio.Page.ClickAsync(PublishButton);
        await studio.NoteAsync(note);
    }

    /// <summary>Says why something is published, when that is asked.</summary>
    public static async Task NoteAsync(this StudioBrowser studio, string note)
    {
        await studio.Page.FillAsync("#change-note-text", note);
        await studio.ShootAsync("note");
        await studio.Page.ClickAsync("#change-note button[value=publish]");
    }

    /// <summary>The dialog says why something was refused, and Studio, once it has nothing left to do, has not failed; then the dialog is closed.</summary>
    public static async Task ExpectRefusedAsync(this StudioBrowser studio, string why)
    {
        await Assertions.Expect(studio.Page.Locator("#refusals-texts")).ToContainTextAsync(why);
        await studio.Page.EvaluateAsync("() => new Promise(done => requestIdleCallback(done))");
        await studio.ShootAsync("refused");
        await Assertions.Expect(studio.Page.Locator("#blazor-error-ui")).ToBeHiddenAsync();
        await studio.Page.Locator("#refusals").GetByText("Close").ClickAsync();
        await Assertions.Expect(studio.Page.Locator("#refusals")).ToBeHiddenAsync();
    }

    /// <summary>Runs what is drawn, and waits for the page of the instance.</summary>
    /// <returns>Identity of the instance.</returns>
    public static async Task<string> RunAsync(this IPage page)
    {
        await page.Locator("button.mud-icon-button.mud-success-text").First.ClickAsync();
        await page.WaitForURLAsync("**/studio/workflows/instances/*/view");
        await page.WaitForSelectorAsync(".x6-node");
        return IdOf().Match(page.Url).Groups["id"].Value;
    }

    /// <summary>Chooses from the menu of a row, again when the list was read anew meanwhile, which closes its menus.</summary>
    public static Task ChooseAsync(this IPage page, ILocator row, string item) => page.TryAgainAsync(() => page.ChooseOnceAsync(row, item));

    /// <summary>Cancels the instance of a row, again when Studio asked the server for nothing.</summary>
    public static Task CancelAsync(this IPage page, ILocator row) =>
        page.UntilAskedAsync("/cancel/workflow-instances/", () => page.ChooseOnceAsync(row, "Cancel"));

    /// <summary>Ticks rows and cancels all instances that are ticked, again when Studio asked the server for nothing.</summary>
    public static Task CancelTogetherAsync(this IPage page, ILocator rows) =>
        page.UntilAskedAsync("/bulk-actions/cancel/workflow-instances", () => page.ChooseTogetherOnceAsync(rows, "Cancel"));

    /// <summary>Ticks rows and chooses what is done to all of them, again when the list was read anew meanwhile, which takes the ticks away.</summary>
    public static Task ChooseTogetherAsync(this IPage page, ILocator rows, string item) => page.TryAgainAsync(() => page.ChooseTogetherOnceAsync(rows, item));

    /// <summary>Exports the workflow of a row.</summary>
    public static async Task<FilePayload> ExportAsync(this IPage page, ILocator row)
    {
        await page.ChooseAsync(row, "Export");
        return await page.DownloadAsync(page.ConfirmAsync);
    }

    /// <summary>What is downloaded when this is done.</summary>
    public static async Task<FilePayload> DownloadAsync(this IPage page, Func<Task> act)
    {
        var download = await page.RunAndWaitForDownloadAsync(act);
        return new FilePayload { Name = download.SuggestedFilename, MimeType = "application/json", Buffer = await File.ReadAllBytesAsync(await download.PathAsync()) };
    }

    /// <summary>Imports a file by the list of workflows.</summary>
    public static async Task ImportAsync(this IPage page, FilePayload file)
    {
        await page.Locator(".mud-button-group-root button").Last.ClickAsync();
        var chooser = await page.RunAndWaitForFileChooserAsync(() => page.Locator(".mud-popover-open").GetByText("Import").First.ClickAsync());
        await chooser.SetFilesAsync(file);
    }

    /// <summary>Answers the question that is asked with its affirmative button.</summary>
    public static Task ConfirmAsync(this IPage page) => page.Locator(".mud-dialog button").Last.ClickAsync();

    /// <summary>A row of a list.</summary>
    public static ILocator Row(this IPage page, string text) => page.Locator("tbody tr").Filter(new LocatorFilterOptions { HasText = text });

    /// <summary>A row of the details of an instance that says this.</summary>
    public static ILocator Detail(this IPage page, string name, string value) =>
        page.Row(name).Filter(new LocatorFilterOptions { Has = page.GetByText(value, new PageGetByTextOptions { Exact = true }) });

    /// <summary>An entry of the menu that is open.</summary>
    public static ILocator MenuItem(this IPage page, string text) =>
        page.Locator(".mud-popover-open .mud-menu-item").Filter(new LocatorFilterOptions { HasTextRegex = Whole(text) });

    /// <summary>An activity on the canvas.</summary>
    public static ILocator Node(this IPage page, string activity) => page.Locator(".x6-node").Filter(new LocatorFilterOptions { HasText = activity });

    /// <summary>A tab of a panel; Studio hides those for which there is no room.</summary>
    public static Task OpenTabAsync(this IPage page, string name) =>
        page.Locator(".mud-tab").Filter(new LocatorFilterOptions { HasTextRegex = Whole(name) }).First.DispatchEventAsync("click");

    private static async Task ChooseOnceAsync(this IPage page, ILocator row, string item)
    {
        await row.Locator(".mud-menu button").Last.ClickAsync();
        await page.MenuItem(item).ClickAsync(new LocatorClickOptions { Timeout = PatienceMs });
    }

    private static async Task ChooseTogetherOnceAsync(this IPage page, ILocator rows, string item)
    {
        await rows.First.WaitForAsync();
        foreach (var row in await rows.AllAsync())
        {
            var box = row.Locator("input[type=checkbox]");
            await Assertions.Expect(box).Not.ToBeCheckedAsync(); // What was done to the rows together before takes the ticks away when it has ended.
            await box.CheckAsync();
        }

        await page.GetByText("Bulk actions").First.ClickAsync();
        await page.MenuItem(item).ClickAsync(new LocatorClickOptions { Timeout = PatienceMs });
    }

    /// <summary>Does something and confirms it, again when nothing was asked at the path thereafter.</summary>
    private static Task UntilAskedAsync(this IPage page, string path, Func<Task> act) =>
        page.TryAgainAsync(async () =>
        {
            await act();
            await page.Locator(".mud-dialog button").Last.WaitForAsync(new LocatorWaitForOptions { Timeout = PatienceMs });
            await page.RunAndWaitForRequestAsync(
                page.ConfirmAsync,
                request => request.Url.Contains(path, StringComparison.Ordinal),
                new PageRunAndWaitForRequestOptions { Timeout = PatienceMs });
        });

    private static async Task TryAgainAsync(this IPage page, Func<Task> act)
    {
        const int TriesMax = 3;
        for (var tries = 1; ; tries++)
        {
            try
            {
                await act();
                return;
            }
            catch (TimeoutException e) when (tries < TriesMax)
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"Tried again: {e.Message}");
                await page.Keyboard.PressAsync("Escape");
            }
        }
    }

    private static ILocator Field(this IPage page, string input) => page.Locator(".mud-input-control").Filter(new LocatorFilterOptions { Has = page.Label(input) }).First;

    private static ILocator Label(this IPage page, string input) => page.Locator("label").Filter(new LocatorFilterOptions { HasTextRegex = Whole(input) });

    private static Regex Whole(string text) => new($"^\\s*{Regex.Escape(text)}\\s*$", RegexOptions.IgnoreCase, TimeSpan.FromSeconds(1));

    private static async Task<(float X, float Y)> CentreAsync(ILocator locator) =>
        await locator.BoundingBoxAsync() is { } box ? (box.X + (box.Width / 2), box.Y + (box.Height / 2)) : throw new InvalidOperationException("A port is not to be seen.");

    [GeneratedRegex("ok|create|save", RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Confirmation();

    [GeneratedRegex("/(definitions|instances)/(?<id>[^/]+)/(edit|view)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex IdOf();
}
