using System.Diagnostics;
using System.Globalization;
using AssessmentFlow.EndToEndTests.Support;
using Microsoft.Playwright;

namespace AssessmentFlow.EndToEndTests;

/// <summary>Studio on a default installation.</summary>
[Collection(StudioBrowser.OneAtATime)]
public sealed class StudioWalkTests(SqliteInstallation installation) : StudioWalkSpec, IClassFixture<SqliteInstallation>
{
    /// <summary>Keeps when the first node of a graph was drawn on a page, in milliseconds since the page was asked for.</summary>
    private const string KeepFirstNode =
        """
        const look = () => {
          if (document.querySelector(".x6-node")?.getBoundingClientRect().width > 0) {
            window.firstNodeAt = performance.now();
          } else {
            requestAnimationFrame(look);
          }
        };
        look();
        """;

    protected override Uri Address => installation.Server.Address;

    protected override string Key => installation.Api.Keys[Stage.Secretariat];

    [Fact]
    public async Task The_shipped_workflow_and_the_sample_instance_are_shown_whole()
    {
        await using var studio = await SignInAsync();
        using var api = new StudioClient(Address, Key);
        var activities = (await api.OpenAsync("visit-lifecycle"))["root"]!["activities"]!.AsArray().Count;

        await studio.Page.AddInitScriptAsync(KeepFirstNode);
        await studio.Page.Row("Visit lifecycle").WaitForAsync();
        var clock = Stopwatch.StartNew();
        await studio.Page.Row("Visit lifecycle").ClickAsync();
        await Assertions.Expect(studio.Page.Locator(".x6-node")).ToHaveCountAsync(activities);
        var all = clock.Elapsed.TotalSeconds;
        var first = await studio.Page.EvaluateAsync<double>("window.firstNodeAt") / 1_000;
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The first graph began to show after {first:0.0} s, all {activities} activities of it were there after {all:0.0} s."));
        await studio.ShootAsync("lifecycle");

        await studio.OpenAsync("/studio/workflows/instances");
        await studio.Page.Row("Visit lifecycle").First.ClickAsync();
        await studio.Page.WaitForURLAsync("**/studio/workflows/instances/*/view");
        await Assertions.Expect(studio.Page.Locator(".x6-node")).ToHaveCountAsync(activities);
        await studio.ShootAsync("sample");
        studio.ExpectNothingBroken();
    }
}
