using System.Globalization;
using AssessmentFlow.Server.ElsaApi;

namespace AssessmentFlow.UnitTests.Studio;

/// <summary>Who watches costs a read of every watched instance twice a second.</summary>
public sealed class InstanceObserversTests
{
    [Fact]
    public void A_connection_watches_no_more_instances_than_it_may_and_none_when_it_is_gone()
    {
        var observers = new InstanceObservers();
        for (var i = 0; i < InstanceObservers.InstancesMax; i++)
        {
            Assert.True(observers.TryAdd(i.ToString(CultureInfo.InvariantCulture), "one"));
        }

        Assert.False(observers.TryAdd("more", "one"));
        Assert.True(observers.TryAdd("0", "one"));
        Assert.True(observers.TryAdd("more", "other"));

        observers.Remove("one");
        Assert.Equal(["more"], observers.Instances);
    }
}
