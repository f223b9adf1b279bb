namespace AssessmentFlow.EndToEndTests.Chaos;

/// <summary>Tests whose clients may not be kept waiting: no other test takes the processors meanwhile.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
