using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Reference;

namespace AssessmentFlow.UnitTests.Cases;

public sealed class DelegationTests
{
    private readonly LoneCase _case = new();

    public DelegationTests() => _case.Reference = _case.Reference with
    {
        Agencies = _case.Reference.Agencies.Add("IOM", new Agency("IOM", "IOM", "synthetic")).Add("ADB", new Agency("ADB", "ADB", "synthetic")),
    };

    [Theory]
    [InlineData("IOM ADB", null, null)]
    [InlineData("IOM ADB IOM", "agency-repeated", "members[2].agency")]
    [InlineData("IOM iom", "agency-repeated", "members[1].agency")]
    [InlineData("IOM UNODC", "agency-unknown", "members[1].agency")]
    [InlineData("adb", "agency-unknown", "members[0].agency")]
    [InlineData("", "delegation-empty", "members")]
    public void A_delegation_is_of_agencies_that_the_reference_data_know_each_named_once(string agencies, string? code, string? path)
    {
        var refusal = _case.Send(LoneCase.Delegation(agencies.Split(' ', StringSplitOptions.RemoveEmptyEntries)));

        Assert.Equal((code, path), (refusal?.Code, refusal?.Path));
        Assert.Equal(code is null, _case.State.Delegation is not null);
    }

    [Fact]
    public void Whoever_writes_an_agency_in_other_letters_is_told_how_it_is_written() =>
        Assert.Contains("'ADB'", _case.Send(LoneCase.Delegation("Adb"))!.Message, StringComparison.Ordinal);

    [Fact]
    public void A_delegation_has_a_bounded_number_of_agencies()
    {
        string[] many = [.. Enumerable.Range(0, 101).Select(number => $"A{number}")];

        Assert.Equal("delegation-too-large", _case.Send(LoneCase.Delegation(many))?.Code);
        _case.Compose(many[..100]);
    }
}
