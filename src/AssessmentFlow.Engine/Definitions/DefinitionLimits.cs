namespace AssessmentFlow.Engine.Definitions;

/// <summary>Bounds of one workflow definition. A definition beyond them is refused at import.</summary>
public static class DefinitionLimits
{
    /// <summary>Largest definition document (bytes of UTF-8 JSON).</summary>
    public const int DocumentSizeMaxBytes = 1024 * 1024;

    /// <summary>Deepest nesting of the definition document (JSON levels).</summary>
    public const int DocumentDepthMax = 128;

    /// <summary>Most activities in one definition, at every depth together (count).</summary>
    public const int ActivitiesMax = 2_000;

    /// <summary>Most connections in one flowchart (count).</summary>
    public const int ConnectionsMax = 5_000;

    /// <summary>Longest script or template (characters).</summary>
    public const int ScriptLengthMax = 64 * 1024;
}
