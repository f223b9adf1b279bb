using System.Globalization;

namespace AssessmentFlow.Engine.Execution;

/// <summary>Ids of tasks: the instance and the number of its bookmark, so that a task leads to its instance without a search.</summary>
public static class TaskIds
{
    /// <summary>The id of the task behind a bookmark.</summary>
    public static string Of(string instanceId, long bookmark) => string.Create(CultureInfo.InvariantCulture, $"{instanceId}-{bookmark}");

    /// <summary>Reads an id that <see cref="Of"/> made.</summary>
    public static bool TryParse(string taskId, out string instanceId, out long bookmark)
    {
        var dash = taskId.LastIndexOf('-');
        instanceId = dash > 0 ? taskId[..dash] : "";
        bookmark = 0;
        return dash > 0 && long.TryParse(taskId.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out bookmark);
    }
}
