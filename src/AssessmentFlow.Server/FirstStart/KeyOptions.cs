namespace AssessmentFlow.Server.FirstStart;

/// <summary>Who may use the installation.</summary>
public sealed class KeyOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Keys";

    /// <summary>
    /// Path of a key file that the operator has written; its keys work from any address. Empty: the first start makes
    /// one in the data folder, whose keys work only from the same machine. Default: empty.
    /// </summary>
    public string File { get; set; } = "";
}
