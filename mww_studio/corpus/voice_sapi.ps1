# Speaks with the voices of Windows. Each line of the input is a request in JSON, each line of the output the answer.
$ErrorActionPreference = 'Stop'
[Console]::InputEncoding = New-Object System.Text.UTF8Encoding $false
[Console]::OutputEncoding = New-Object System.Text.UTF8Encoding $false
Add-Type -AssemblyName System.Speech
$synthesizer = New-Object System.Speech.Synthesis.SpeechSynthesizer
$format = New-Object System.Speech.AudioFormat.SpeechAudioFormatInfo(22050, [System.Speech.AudioFormat.AudioBitsPerSample]::Sixteen, [System.Speech.AudioFormat.AudioChannel]::Mono)
while ($null -ne ($line = [Console]::In.ReadLine())) {
    try {
        $request = $line | ConvertFrom-Json
        if ($request.list) {
            $voices = @($synthesizer.GetInstalledVoices() | Where-Object { $_.Enabled } | ForEach-Object {
                @{ name = $_.VoiceInfo.Name; language = $_.VoiceInfo.Culture.Name }
            })
            $answer = @{ voices = $voices }
        } else {
            $stream = New-Object System.IO.MemoryStream
            $synthesizer.SelectVoice($request.voice)
            $synthesizer.Rate = $request.rate
            $synthesizer.SetOutputToAudioStream($stream, $format)
            if ($request.ssml) { $synthesizer.SpeakSsml($request.ssml) } else { $synthesizer.Speak($request.text) }
            $synthesizer.SetOutputToNull()
            $answer = @{ rate_hz = 22050; pcm = [Convert]::ToBase64String($stream.ToArray()) }
        }
    } catch {
        $answer = @{ error = $_.Exception.Message }
    }
    [Console]::Out.WriteLine((ConvertTo-Json $answer -Compress -Depth 4))
    [Console]::Out.Flush()
}
