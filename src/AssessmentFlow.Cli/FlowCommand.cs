using System.CommandLine;

namespace AssessmentFlow.Cli;

/// <summary>The command <c>flow</c> with all that it can do.</summary>
internal static class FlowCommand
{
    public static RootCommand Create() => new("flow: AssessmentFlow from a terminal.")
    {
        DemoCommand.Create(), MigrateCommand.Create(), BackupCommands.CreateBackup(), BackupCommands.CreateRestore(),
    };
}
