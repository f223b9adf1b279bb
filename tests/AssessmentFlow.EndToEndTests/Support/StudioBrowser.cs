using System.Collections.Concurrent;
using Microsoft.Playwright;
using Xunit.v3;

namespace AssessmentFlow.EndToEndTests.Support;

/// <summary>
/// A browser with one window on an installation. Whatever a person would call broken is collected: errors on the console,
/// requests that fail, requests to anywhere else.
/// </summary>
internal sealed class StudioBrowser : IAsyncDisposable
{
    /// <summary>Collection of the tests that open one: two would share two cores, and a person has but one before them.</summary>
    public const string OneAtATime = "one browser at a time";

    /// <summary>What a server says of an instance that has moved on.</summary>
    public const string InstanceMoved = "WorkflowInstanceUpdatedAsync";

    private const string ProgramVariable = "CHROMIUM";

    /// <summary>How long something may take to be seen; the first page loads some ten megabytes (ms).</summary>
    private const int PatienceMs = 60_000;

    /// <summary>How long a window that may have failed is waited for (ms).</summary>
    private const int LastPatienceMs = 5_000;

    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;
    private readonly Uri _server;
    private readonly ConcurrentQueue<string> _broken = new();
    private readonly ConcurrentQueue<string> _asked = new();
    private int _shots;
    private int _news;

    private StudioBrowser(IPlaywright playwright, IBrowser browser, IPage page, Uri server)
    {
        _playwright = playwright;
        _browser = browser;
        _server = server;
        Page = page;
        page.Console += (_, message) => Add(message.Type is "error", $"console: {message.Text}");
        page.PageError += (_, error) => _broken.Enqueue($"page error: {error}");
        page.RequestFailed += (_, request) => Add(request.Failure is not "net::ERR_ABORTED", $"failed: {request.Method} {request.Url} {request.Failure}");
        page.Response += (_, response) => _asked.Enqueue($"{DateTime.UtcNow:O} {response.Status} {response.Request.Method} {new Uri(response.Url).AbsolutePath}");
        page.Response += (_, response) => Add(response.Status >= 400, $"{response.Status} {response.Request.Method} {response.Url}");
        page.WebSocket += (_, hub) => hub.FrameReceived += (_, frame) => Count(frame.Text);
        page.Request += (_, request) => Add(!IsOwn(request.Url), $"to elsewhere: {request.Url}");
        page.Request += (_, request) => Add(IsAssembly(request.Url), $"an assembly that comes alone: {request.Url}");
    }

    /// <summary>The window.</summary>
    public IPage Page { get; }

    /// <summary>How often the window was told, without asking, that the instance it shows has moved on (count).</summary>
    public int News => Volatile.Read(ref _news);

    /// <summary>Fails, with all of it, when anything was broken so far.</summary>
    public void ExpectNothingBroken() => Assert.True(_broken.IsEmpty, string.Join('\n', _broken));

    /// <summary>Opens a window and signs in; without Chromium the test is skipped.</summary>
    public static async Task<StudioBrowser> SignInAsync(Uri server, string key)
    {
        Assert.SkipWhen(Program() is null, "There is no Chromium on this machine.");
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Program(), Args = Arguments });
        var context = await browser.NewContextAsync(new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = 1500, Height = 900 }, AcceptDownloads = true });
        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(PatienceMs);
        Assertions.SetDefaultExpectTimeout(PatienceMs);
        var studio = new StudioBrowser(playwright, browser, page, server);
        try
        {
            await studio.OpenAsync("/studio");
            await page.FillAsync("#key", key);
            await page.ClickAsync("button[type=submit]");
            await page.WaitForURLAsync("**/studio/workflows/definitions");
            return studio;
        }
        catch
        {
            await studio.DisposeAsync(); // It tells what was to be seen.
            throw;
        }
    }

    /// <summary>Opens a page of the server.</summary>
    public Task OpenAsync(string path) => Page.GotoAsync(new Uri(_server, path).AbsoluteUri);

    /// <summary>Keeps what is to be seen now, in a folder of the test case.</summary>
    public Task ShootAsync(string name) =>
        Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Folder(), $"{Interlocked.Increment(ref _shots):00}-{name}.png") });

    /// <summary>Keeps what was to be seen last and all that was asked, which tell the most of a test that failed.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await File.WriteAllLinesAsync(Path.Combine(Folder(), "requests.txt"), _asked);
            Page.SetDefaultTimeout(LastPatienceMs);
            await ShootAsync("last");
        }
        catch (Exception e) when (e is PlaywrightException or TimeoutException)
        {
            // A window that does not answer any more shows nothing.
        }
        finally
        {
            await _browser.DisposeAsync();
            _playwright.Dispose();
        }
    }

    private static string Folder()
    {
        var method = TestContext.Current.TestMethod ?? throw new InvalidOperationException("Pictures belong to a test.");
        var arguments = TestContext.Current.Test is IXunitTest { TestMethodArguments: var given } ? given : [];
        var test = string.Join('-', [method.MethodName, .. arguments.Select(argument => $"{argument}")]);
        return Directory.CreateDirectory(Path.Combine(RepositoryRoot.Path, "artifacts", "studio", method.TestClass.TestClassSimpleName, test)).FullName;
    }

    private static string? Program() => Environment.GetEnvironmentVariable(ProgramVariable) is { Length: > 0 } named
        ? named
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "chromium")).FirstOrDefault(File.Exists);

    private bool IsOwn(string url) =>
        url.StartsWith("data:", StringComparison.Ordinal) || url.StartsWith("blob:", StringComparison.Ordinal) || (Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Authority == _server.Authority);

    /// <summary>Whether a file is asked for that the answer with all assemblies should have brought.</summary>
    private static bool IsAssembly(string url) =>
        url.Contains("/_framework/", StringComparison.Ordinal) && url.EndsWith(".wasm", StringComparison.Ordinal) && !url.Contains("/dotnet.native.", StringComparison.Ordinal);

    private void Count(string? said)
    {
        if (said?.Contains(InstanceMoved, StringComparison.Ordinal) is true)
        {
            Interlocked.Increment(ref _news);
        }
    }

    private void Add(bool isBroken, string what)
    {
        if (isBroken)
        {
            _broken.Enqueue(what);
        }
    }
}
