namespace AssessmentFlow.Engine.Execution;

/// <summary>Bounds of one turn and of one instance.</summary>
public static class EngineLimits
{
    /// <summary>
    /// Activities that one turn may start (count). A run that needs more commits what it has and goes on
    /// in a next turn, by a message to itself.
    /// </summary>
    public const int ActivitiesPerTurnMax = 250;

    /// <summary>Runs of a body that one activity may have side by side, and children that it may start at once (count).</summary>
    public const int BranchesMax = 1_000;

    /// <summary>Longest input that an incident repeats (bytes of JSON). Incidents stay in the state until they are dealt with.</summary>
    public const int IncidentInputSizeMaxBytes = 2 * 1024;

    /// <summary>Shortest interval at which a timer may start a workflow.</summary>
    public static readonly TimeSpan TriggerIntervalMin = TimeSpan.FromSeconds(1);

    /// <summary>Largest snapshot of an instance (bytes). A turn that would exceed it faults the instance instead.</summary>
    public const int StateSizeMaxBytes = 1024 * 1024;

    /// <summary>Largest single value of a variable, an input or an output (bytes of JSON).</summary>
    public const int ValueSizeMaxBytes = 64 * 1024;

    /// <summary>Outputs that a run carries along from turn to turn for scripts that may ask for them (bytes of JSON); those that came first go first.</summary>
    public const int RunOutputsSizeMaxBytes = 4 * ValueSizeMaxBytes;

    /// <summary>Deepest nesting of a single value (JSON levels); a snapshot nests values a few levels deeper and is read to 64.</summary>
    public const int ValueDepthMax = 32;

    /// <summary>Largest body of an HTTP request that a workflow sends, and of the answer to it (bytes); as much as a value may have.</summary>
    public const int HttpBodySizeMaxBytes = ValueSizeMaxBytes;

    /// <summary>
    /// Largest file that a workflow may hold, receive or answer with (bytes). As Base64 it has a third more, and its name,
    /// type and tag stand beside it in one value.
    /// </summary>
    public const int FileSizeMaxBytes = 45 * 1024;

    /// <summary>Longest name of a file (characters); of a longer one the end is kept.</summary>
    public const int FileNameLengthMax = 255;

    /// <summary>Headers that a workflow may send with one HTTP request (count).</summary>
    public const int HttpHeadersMax = 50;

    /// <summary>Longest address of an HTTP request, and longest value of one of its headers (characters).</summary>
    public const int HttpTextLengthMax = 4_096;

    /// <summary>Times that one HTTP request is sent at most when its author asks for resilience (count).</summary>
    public const int HttpAttemptsMax = 4;

    /// <summary>Wait before an HTTP request is sent the second time; it doubles from one time to the next.</summary>
    public static readonly TimeSpan HttpRetryWait = TimeSpan.FromSeconds(2);

    /// <summary>Longest text by which something is found from outside: name of an event, business identity, role (characters).</summary>
    public const int KeyLengthMax = 200;

    /// <summary>JavaScript statements and Liquid steps that the scripts of one turn may execute together (count).</summary>
    public const int ScriptStatementsPerTurnMax = 100_000;

    /// <summary>Deepest recursion of a script (calls).</summary>
    public const int ScriptRecursionMax = 100;

    /// <summary>Longest array that a script may make (elements).</summary>
    public const uint ScriptArraySizeMax = 100_000;

    /// <summary>Longest text that one call in a script may make (UTF-16 characters), and largest buffer (elements).</summary>
    public const int ScriptTextLengthMax = 1024 * 1024;

    /// <summary>
    /// Memory that one script may take over its whole run, given back or not (bytes). A script within the bound on statements
    /// takes a tenth; this one stops what works in few statements on much.
    /// </summary>
    public const long ScriptMemoryMaxBytes = 256 * 1024 * 1024;

    /// <summary>
    /// Time after which a script is stopped, as in Elsa. The counts stop what an author could mean long before; this one
    /// stops what no count sees.
    /// </summary>
    public static readonly TimeSpan ScriptTimeMax = TimeSpan.FromSeconds(30);

    /// <summary>Time that a script may look for one match of a regular expression.</summary>
    public static readonly TimeSpan ScriptMatchTimeMax = TimeSpan.FromSeconds(1);

    /// <summary>Longest line that WriteLine may record (UTF-16 characters); a longer one faults.</summary>
    public const int LineLengthMaxCharacters = 4_096;

    /// <summary>Whether a text may be one by which something is found from outside: bounded, and every character can be printed.</summary>
    public static bool IsKey(string text) => text.Length <= KeyLengthMax && !text.Any(char.IsControl);

    // A snapshot must hold a few of the largest values: the division fails to compile when the relation breaks.
    private const int RelationHolds = 1 / (StateSizeMaxBytes >= 4 * ValueSizeMaxBytes ? 1 : 0);
}
