using AssessmentFlow.Cli;

return await FlowCommand.Create().Parse(args).InvokeAsync();
