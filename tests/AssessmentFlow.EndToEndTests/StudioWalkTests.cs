using System.Diagnostics;
using System.Globalization;
using AssessmentFlow.EndToEndTests.Support;
using Microsoft.Playwright;

namespace AssessmentFlow.EndToEndTests;

/// <summary>Studio on a default installation.</summary>
[Collection(StudioBrowser.OneAtATime)]
public sealed class StudioWalkTests(SqliteInstallation installation) : StudioWalkSpec, IClassFixture<SqliteInstallation>
{
    protected override Uri Address => installation.Server.Address;

    protected override string Key => installation.Api.Keys[Stage.Secretariat];

    [Fact]
    public async Task The_shipped_workflow_and_the_sample_instance_are_shown_whole()
    {
        await using var studio = await SignInAsync();
        using var api = new StudioClient(Address, Key);
        var activities = (await api.OpenAsync("visit-lifecycle"))["root"]!["activities"]!.AsArray().Count;

        var clock = Stopwatch.StartNew();
        await studio.OpenAsync("/studio/workflows/definitions/visit-lifecycle/edit");
        await studio.Page.WaitForSelectorAsync(".x6-node");
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The first graph was drawn after {clock.Elapsed.TotalSeconds:0.0} s."));
        await Assertions.Expect(studio.Page.Locator(".x6-node")).ToHaveCountAsync(activities);
        await studio.ShootAsync("lifecycle");

        await studio.OpenAsync("/studio/workflows/instances");
        await studio.Page.Row("Visit lifecycle").First.ClickAsync();
        await studio.Page.WaitForURLAsync("**/studio/workflows/instances/*/view");
        await Assertions.Expect(studio.Page.Locator(".x6-node")).ToHaveCountAsync(activities);
        await studio.ShootAsync("sample");
        studio.ExpectNothingBroken();
    }
}
