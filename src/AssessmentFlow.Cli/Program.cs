using System.CommandLine;
using AssessmentFlow.Cli;

var root = new RootCommand("flow: AssessmentFlow from a terminal.") { DemoCommand.Create(), BackupCommands.CreateBackup(), BackupCommands.CreateRestore() };
return await root.Parse(args).InvokeAsync();
