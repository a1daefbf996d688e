import CommandLanguage
import Shell
