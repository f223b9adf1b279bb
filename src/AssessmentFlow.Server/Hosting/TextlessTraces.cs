using System.Diagnostics;
using OpenTelemetry;

namespace AssessmentFlow.Server.Hosting;

/// <summary>
/// Takes texts out of what libraries tell of failures: messages of PostgreSQL may quote what a case holds. The type of an
/// exception stays.
/// </summary>
internal sealed class TextlessTraces : BaseProcessor<Activity>
{
    private readonly ActivityListener _exceptions = new()
    {
        ShouldListenTo = static source => source.Name is "Npgsql",

        // What has these tags already keeps them.
        ExceptionRecorder = static (Activity _, Exception _, ref TagList tags) =>
        {
            tags.Add("exception.message", "");
            tags.Add("exception.stacktrace", "");
        },
    };

    public TextlessTraces() => ActivitySource.AddActivityListener(_exceptions);

    public override void OnEnd(Activity data)
    {
        if (data.StatusDescription is not null)
        {
            data.SetStatus(data.Status);
        }
    }

    protected override void Dispose(bool disposing)
    {
        _exceptions.Dispose();
        base.Dispose(disposing);
    }
}
